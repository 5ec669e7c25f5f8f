// What Go's net/http answers to requests for files, on its standard input.
//
// One request a line, as in ../golden/http_files.jsonl: {"method":…,"target":…,"header":{…}}; the same line
// comes out with "status", "fields" (all but Date) and "body", or its hash if it is long. What the line had of them already is dropped,
// so the recorded file is its own input:
//
//	go run files-oracle.go < ../golden/http_files.jsonl
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

type row struct {
	Method string            `json:"method"`
	Target string            `json:"target"`
	Header map[string]string `json:"header,omitempty"`
	Status int               `json:"status"`
	Fields map[string]string `json:"fields"`
	Body   string            `json:"body"`
}

var modified = time.UnixMicro(1_700_000_000_500_000)

// The files, as in files-golden.test.ts.
var files = map[string]string{
	"a.txt":           strings.Repeat("0123456789", 10),
	"empty.txt":       "",
	"page.html":       "<!doctype html><title>page</title>",
	"data.json":       "{\"a\":1}",
	"plain":           "words",
	"markup":          "<html><body>",
	"bytes":           "\x00\x01\x02\x03",
	"big.txt":         strings.Repeat("0123456789abcdef", 2048),
	"dir/index.html":  "<p>index</p>",
	"a b/c&d.txt":     "escaped",
	"dir/sub/one.txt": "one",
}

// The entity tag that netfd gives a file.
func tagOf(info os.FileInfo) string {
	return fmt.Sprintf("\"%x-%x\"", info.ModTime().UnixMicro(), info.Size())
}

// Replies without a file have no entity tag.
type tagged struct{ http.ResponseWriter }

func (w *tagged) WriteHeader(status int) {
	if status == http.StatusMovedPermanently || status == http.StatusNotFound {
		w.Header().Del("ETag")
	}
	w.ResponseWriter.WriteHeader(status)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Contents that are no files: /content/NAME?etag=…&time=…&type=…
func content(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	var when time.Time
	if query.Get("time") != "" {
		when = modified
	}
	for field, name := range map[string]string{"etag": "ETag", "type": "Content-Type"} {
		if value := query.Get(field); value != "" {
			w.Header().Set(name, value)
		}
	}
	http.ServeContent(w, r, path.Base(r.URL.Path), when, strings.NewReader(files["a.txt"]))
}

func main() {
	folder := must(os.MkdirTemp("", "oracle"))
	defer os.RemoveAll(folder)
	for name, text := range files {
		file := filepath.Join(folder, name)
		os.MkdirAll(filepath.Dir(file), 0o755)
		os.WriteFile(file, []byte(text), 0o644)
		os.Chtimes(file, modified, modified)
	}
	filepath.Walk(folder, func(name string, _ os.FileInfo, _ error) error {
		return os.Chtimes(name, modified, modified)
	})
	server := http.FileServer(http.Dir(folder))
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/content/") {
			content(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/served/") {
			http.ServeFile(w, r, filepath.Join(folder, r.URL.Query().Get("name")))
			return
		}
		name := filepath.Join(folder, path.Clean("/"+r.URL.Path))
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			name = filepath.Join(name, "index.html")
		}
		if info, err := os.Stat(name); err == nil {
			w.Header().Set("ETag", tagOf(info))
		}
		server.ServeHTTP(&tagged{w}, r)
	}))
	defer ts.Close()
	base := must(url.Parse(ts.URL))
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked row
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		out.Encode(answer(base, asked))
	}
}

func answer(base *url.URL, asked row) row {
	request := must(http.NewRequest(asked.Method, base.String(), nil))
	request.URL.Opaque = asked.Target
	for name, value := range asked.Header {
		request.Header.Set(name, value)
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	reply := must(transport.RoundTrip(request))
	defer reply.Body.Close()
	body := string(must(io.ReadAll(reply.Body)))
	asked.Fields = map[string]string{}
	asked.Status = reply.StatusCode
	for name, values := range reply.Header {
		asked.Fields[name] = strings.Join(values, ", ")
	}
	delete(asked.Fields, "Date")
	if _, parameters, err := mime.ParseMediaType(asked.Fields["Content-Type"]); err == nil {
		if boundary := parameters["boundary"]; boundary != "" {
			body = strings.ReplaceAll(body, boundary, "BOUNDARY")
			asked.Fields["Content-Type"] = "multipart/byteranges; boundary=BOUNDARY"
		}
	}
	if len(body) > 4096 {
		body = fmt.Sprintf("sha256 %x", sha256.Sum256([]byte(body)))
	}
	asked.Body = body
	return asked
}
