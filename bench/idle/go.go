// Go's net with many idle connections: a goroutine each, which waits in Read. The buffer is as small as
// it can be: with 4 KiB each, as net/http has, this would measure the buffers.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func echo(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 1)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if _, err := conn.Write(buf[:n]); err != nil {
			return
		}
	}
}

func main() {
	settle := make(chan os.Signal, 1)
	signal.Notify(settle, syscall.SIGUSR2)
	go func() {
		for range settle {
			debug.FreeOSMemory()
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", os.Args[1])
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go echo(conn)
	}
}
