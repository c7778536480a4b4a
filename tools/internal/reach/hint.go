package reach

import (
	"errors"
	"net/http"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/transport"
)

// WithHint adds to the error of asking a server what may help: the flags for
// certificates or keys where those are the trouble, else the hint given, unless
// the server could not even be connected to.
func WithHint(err error, hint string) error {
	status := (*transport.StatusError)(nil)
	connect := (*transport.ConnectError)(nil)
	switch {
	case transport.IsCertificate(err):
		hint = "--ca-file FILE trusts who signed the certificate, --insecure does not check it"
	case errors.As(err, &connect):
		hint = ""
	case errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden):
		hint = "give a key with --api-key-file or $OPENAI_API_KEY, or in a field with --header NAME:VALUE"
	}
	if hint == "" {
		return err
	}
	return cmdline.WithHint(err, hint)
}
