package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLSConfig returns what to connect with: the certificates of caFile are trusted
// beside the system's, certFile and keyFile identify the client (one file may
// hold both), and insecure trusts any server. It is nil when nothing is given.
func TLSConfig(caFile, certFile, keyFile string, insecure bool) (*tls.Config, error) {
	if caFile == "" && certFile == "" && keyFile == "" && !insecure {
		return nil, nil
	}
	config := &tls.Config{InsecureSkipVerify: insecure}
	if caFile != "" {
		if err := trust(config, caFile); err != nil {
			return nil, err
		}
	}
	switch {
	case certFile != "":
		keyFile = cmp.Or(keyFile, certFile)
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("the client certificate of %s with the key of %s: %w", certFile, keyFile, err)
		}
		config.Certificates = []tls.Certificate{pair}
	case keyFile != "":
		return nil, errors.New("the key of a client certificate needs the certificate too")
	}
	return config, nil
}

func trust(config *tls.Config, caFile string) error {
	certificates, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	if config.RootCAs, err = x509.SystemCertPool(); err != nil {
		return err
	}
	if !config.RootCAs.AppendCertsFromPEM(certificates) {
		return fmt.Errorf("%s holds no certificate in PEM form", caFile)
	}
	return nil
}
