package backend

// openAI is an external server with the OpenAI protocol.
var openAI = Backend{Name: "openai", Options: "url hardware", KeyVariable: "OPENAI_API_KEY", Needs: needURL}

// aml is an Azure ML online endpoint: the address is the whole scoring URL.
var aml = Backend{
	Name: "aml", Options: "url hardware deployment-name", Required: "model deployment-name", KeyVariable: "AML_API_KEY",
	Needs: func(s Settings) []Need {
		needs := needURL(s)
		if !s.HasKey {
			needs = append(needs, Need{"no key", "set AML_API_KEY; or give --api-key-file"})
		}
		return needs
	},
	Speaks: "aml",
}

func needURL(s Settings) []Need {
	if s.URL != "" {
		return nil
	}
	return []Need{{"no address of a server", "give it with --url; nothing is started"}}
}
