// Go's net/http serving the files of the folder in the second argument. The benchmark runs it with GOMAXPROCS=1.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", os.Args[1])
	log.Fatal(http.Serve(listener, http.FileServer(http.Dir(os.Args[2]))))
}
