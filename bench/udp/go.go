// Go's net as a UDP echo server. The benchmark runs it with GOMAXPROCS=1.
package main

import (
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
)

func main() {
	addr, err := netip.ParseAddrPort("127.0.0.1:" + os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", os.Args[1])
	buf := make([]byte, 65536)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			continue // a peer that is gone
		}
		conn.WriteToUDPAddrPort(buf[:n], from)
	}
}
