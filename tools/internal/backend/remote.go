package backend

// openAI is somebody else's server behind the OpenAI protocol.
var openAI = Backend{Name: "openai", Needs: needURL}

// aml is an Azure ML online endpoint.
var aml = Backend{Name: "aml", Needs: needURL}

func needURL(s Settings) []Need {
	if s.URL != "" {
		return nil
	}
	return []Need{{"no address of a server", "give it with --url; nothing is started"}}
}
