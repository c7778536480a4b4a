package transport

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func tlsServer(t testing.TB) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("asked over %s", r.Proto)
		}
		w.Write([]byte("token"))
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func write(t testing.TB, name string, blocks ...*pem.Block) string {
	t.Helper()
	var text []byte
	for _, block := range blocks {
		text = append(text, pem.EncodeToMemory(block)...)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhomTLSTrusts(t *testing.T) {
	s := tlsServer(t)
	caFile := write(t, "ca.pem", &pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	for name, c := range map[string]struct {
		caFile   string
		insecure bool
		trusted  bool
	}{"the system": {}, "a CA file": {caFile: caFile, trusted: true}, "anybody": {insecure: true, trusted: true}} {
		config, err := TLSConfig(c.caFile, "", "", c.insecure)
		if err != nil || (config == nil) != (name == "the system") {
			t.Fatalf("%s: %v", name, err)
		}
		e := endpoint(t, s.URL, func(to *Config) { to.TLS = config })
		h := e.HTTP()
		for range 2 {
			got, _, err := post(t, e, h)
			if unknown := (x509.UnknownAuthorityError{}); c.trusted && (err != nil || got.text() != "token") || !c.trusted && !errors.As(err, &unknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.Close()
	}
}

func TestAClientCertificate(t *testing.T) {
	server, client := certified(t)
	key, err := x509.MarshalPKCS8PrivateKey(server.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, "both.pem", &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificates[0].Certificate[0]}, &pem.Block{Type: "PRIVATE KEY", Bytes: key})
	config, err := TLSConfig("", file, "", false)
	if err != nil {
		t.Fatal(err)
	}
	config.RootCAs = client.RootCAs
	server.ClientAuth = tls.RequireAnyClientCert
	listener, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go s.Serve(listener)
	defer s.Close()
	e := endpoint(t, "https://"+listener.Addr().String(), func(to *Config) { to.TLS = config })
	h := e.HTTP()
	defer h.Close()
	if _, _, err := post(t, e, h); err != nil {
		t.Error(err)
	}
}

func TestErrorsOfTLSConfigNameTheFile(t *testing.T) {
	empty := write(t, "empty.pem")
	for _, files := range [][3]string{{"/no/such/file"}, {empty}, {"", empty}, {"", "/no/such/file", empty}, {"", "", empty}} {
		if _, err := TLSConfig(files[0], files[1], files[2], false); err == nil || files[2] == "" && !strings.Contains(err.Error(), files[0]+files[1]) {
			t.Errorf("%q: %v", files, err)
		}
	}
	if config, err := TLSConfig("", "", "", false); config != nil || err != nil {
		t.Errorf("%v, %v", config, err)
	}
}
