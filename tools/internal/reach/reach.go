// Package reach holds how the tools reach a server: the row of serve-launch on
// standard input, or the flags for an external server: keys, header
// fields, certificates, and fields of the request's body. Secrets come from files
// and from the environment.
package reach

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/transport"
)

// Flags are the flags that Read reads.
func Flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "api-key-file", Usage: "read the API key from `FILE`; else from the engine's own variable ($VLLM_API_KEY, $LLAMA_API_KEY, $AML_API_KEY, $ANTHROPIC_API_KEY) or $OPENAI_API_KEY"},
		&cli.StringSliceFlag{Name: "header", Usage: "send the header field `NAME:VALUE` with every request; the value $VARIABLE is read from the environment, @FILE from a file"},
		&cli.StringFlag{Name: "extra-body", Usage: "add the fields of the `JSON` object to every request, replacing loadgen's; null removes a field; @FILE reads a file"},
		&cli.StringFlag{Name: "ca-file", Usage: "trust the certificates in `FILE` (PEM) in addition to the system's"},
		&cli.StringFlag{Name: "client-cert", Usage: "authenticate with the client certificate in `FILE` (PEM)"},
		&cli.StringFlag{Name: "client-key", Usage: "with --client-cert: its key in `FILE` (PEM)"},
		&cli.BoolFlag{Name: "insecure", Usage: "do not verify the server's certificate"},
	}
}

// Reach is what the flags say, with files and environment read.
type Reach struct {
	// Extra are the fields of --extra-body; nil is none.
	Extra map[string]json.RawMessage
	// Insecure reports that the server's certificate is not checked.
	Insecure bool
	// KeyFromFile reports that the key was given for this server, not just found.
	KeyFromFile bool

	key    string
	config transport.Config
}

// Read reads the flags. Its errors are those of the user or of a file; none
// tells a secret.
func Read(c *cli.Context) (Reach, error) {
	r := Reach{Insecure: c.Bool("insecure"), KeyFromFile: c.IsSet("api-key-file")}
	var err error
	if c.IsSet("client-key") != c.IsSet("client-cert") {
		return r, cmdline.Usagef("--client-cert and --client-key go together")
	}
	if file := c.String("api-key-file"); file != "" {
		if r.key, err = secret(file); err != nil {
			return r, fmt.Errorf("the API key: %w", err)
		}
	}
	if r.Extra, err = object(c.String("extra-body")); err != nil {
		return r, err
	}
	for _, field := range c.StringSlice("header") {
		if err := r.addField(field); err != nil {
			return r, err
		}
	}
	r.config.TLS, err = transport.TLSConfig(c.String("ca-file"), c.String("client-cert"), c.String("client-key"), r.Insecure)
	return r, err
}

// Config is how the server at an address is reached. Without a key from a file
// the key is the first of the environment's variables that is set; the last
// looked at is OpenAI's.
func (r Reach) Config(at transport.Address, variables ...string) transport.Config {
	config := r.config
	config.Address, config.Key = at, r.Key(variables...)
	if config.Header.Get("Authorization") != "" && r.key == "" {
		config.Key = "" // a key that happens to be in the environment is not meant
	}
	return config
}

// Key is the API key.
func (r Reach) Key(variables ...string) string {
	if r.key != "" {
		return r.key
	}
	for _, name := range append(variables, "OPENAI_API_KEY") {
		if key := os.Getenv(name); name != "" && key != "" {
			return key
		}
	}
	return ""
}

// shortSecret is the length below which a value is too common a text to be
// taken out of messages.
const shortSecret = 6

// addField reads NAME:VALUE.
func (r *Reach) addField(field string) error {
	name, value, ok := strings.Cut(field, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") {
		return cmdline.Usagef("--header takes NAME:VALUE")
	}
	var err error
	switch {
	case strings.HasPrefix(value, "@"):
		if value, err = secret(value[1:]); err != nil {
			return fmt.Errorf("--header %s: %w", name, err)
		}
	case strings.HasPrefix(value, "$"):
		variable := value[1:]
		if value = os.Getenv(variable); value == "" {
			return cmdline.Usagef("--header %s: $%s is not set", name, variable)
		}
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return cmdline.Usagef("--header %s: the value does not fit on one line", name)
	}
	if r.config.Header == nil {
		r.config.Header = http.Header{}
	}
	r.config.Header.Add(name, value)
	if len(value) >= shortSecret {
		r.config.Secrets = append(r.config.Secrets, value)
	}
	return nil
}

// secret reads a file of one line.
func secret(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line := strings.TrimSpace(string(text))
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("%s does not hold one line", file)
	}
	return line, nil
}

// object reads a JSON object, nil where there is not text.
func object(text string) (fields map[string]json.RawMessage, err error) {
	if text == "" {
		return nil, nil
	}
	body := []byte(text)
	if file, ok := strings.CutPrefix(text, "@"); ok {
		if body, err = os.ReadFile(file); err != nil {
			return nil, fmt.Errorf("--extra-body: %w", err)
		}
	}
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, cmdline.Usagef("--extra-body is not a JSON object")
	}
	return fields, nil
}
