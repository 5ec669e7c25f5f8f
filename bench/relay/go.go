// Go's net as a relay of datagrams. The benchmark runs it with GOMAXPROCS=1.
package main

import (
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
)

func main() {
	here := netip.MustParseAddrPort("127.0.0.1:" + os.Args[1])
	there := netip.MustParseAddrPort("127.0.0.2:" + os.Args[1])
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(here))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", os.Args[1])
	buf := make([]byte, 65536)
	for {
		n, _, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			continue
		}
		conn.WriteToUDPAddrPort(buf[:n], there)
	}
}
