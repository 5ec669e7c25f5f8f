// What Go's net/netip says of the calls on its standard input.
//
// One call a line, as in ../golden/netip_values.jsonl: {"fn":…,"in":…}; the same line comes out with
// "out" or "err". What the line had of them already is dropped, so the recorded file is its own input:
//
//	go run oracle.go < ../golden/netip_values.jsonl
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
)

type row struct {
	Fn  string `json:"fn"`
	In  []any  `json:"in"`
	Out any    `json:"out,omitempty"`
	Err string `json:"err,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var call row
		if err := json.Unmarshal(lines.Bytes(), &call); err != nil {
			panic(err)
		}
		value, err := answer(call.Fn, call.In)
		if call.Out, call.Err = value, ""; err != nil {
			call.Out, call.Err = nil, err.Error()
		}
		if err := encoder.Encode(call); err != nil {
			panic(err)
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}

func answer(fn string, in []any) (any, error) {
	text := func(i int) string { return in[i].(string) }
	number := func(i int) int { return int(in[i].(float64)) }
	addr := func(i int) netip.Addr { return netip.MustParseAddr(text(i)) }
	prefix := func(i int) netip.Prefix { return netip.MustParsePrefix(text(i)) }
	switch fn {
	case "ParseAddr":
		ip, err := netip.ParseAddr(text(0))
		if err != nil {
			return nil, err
		}
		return addrFacts(ip), nil
	case "ParseAddrPort":
		p, err := netip.ParseAddrPort(text(0))
		if err != nil {
			return nil, err
		}
		return []any{p.String(), p.Addr().String(), p.Port()}, nil
	case "ParsePrefix":
		p, err := netip.ParsePrefix(text(0))
		if err != nil {
			return nil, err
		}
		return []any{p.String(), p.Addr().String(), p.Bits(), p.Masked().String(), p.IsSingleIP()}, nil
	case "Addr.Compare":
		return []any{addr(0).Compare(addr(1)), addr(0).Less(addr(1)), addr(0) == addr(1)}, nil
	case "Addr.Prefix":
		p, err := addr(0).Prefix(number(1))
		if err != nil {
			return nil, err
		}
		return p.String(), nil
	case "Addr.WithZone":
		return addr(0).WithZone(text(1)).String(), nil
	case "Prefix.Contains":
		return fmt.Sprint(prefix(0).Contains(addr(1))), nil
	case "Prefix.Overlaps":
		return fmt.Sprint(prefix(0).Overlaps(prefix(1))), nil
	}
	panic("no such function: " + fn)
}

func addrFacts(ip netip.Addr) map[string]any {
	as4 := ""
	if ip.Unmap().Is4() {
		b := ip.As4()
		as4 = hex.EncodeToString(b[:])
	}
	as16 := ip.As16()
	return map[string]any{
		"text":     ip.String(),
		"expanded": ip.StringExpanded(),
		"zone":     ip.Zone(),
		"bitLen":   ip.BitLen(),
		"bytes":    hex.EncodeToString(ip.AsSlice()),
		"as4":      as4,
		"as16":     hex.EncodeToString(as16[:]),
		"flags":    flags(ip),
		"unmapped": []any{ip.Unmap().String(), flags(ip.Unmap())},
		"next":     orNone(ip.Next()),
		"prev":     orNone(ip.Prev()),
	}
}

func orNone(ip netip.Addr) any {
	if !ip.IsValid() {
		return nil
	}
	return ip.String()
}

func flags(ip netip.Addr) []string {
	found := []string{}
	for _, flag := range []struct {
		name  string
		isSet bool
	}{
		{"is4", ip.Is4()},
		{"is4In6", ip.Is4In6()},
		{"is6", ip.Is6()},
		{"isUnspecified", ip.IsUnspecified()},
		{"isLoopback", ip.IsLoopback()},
		{"isPrivate", ip.IsPrivate()},
		{"isMulticast", ip.IsMulticast()},
		{"isInterfaceLocalMulticast", ip.IsInterfaceLocalMulticast()},
		{"isLinkLocalMulticast", ip.IsLinkLocalMulticast()},
		{"isLinkLocalUnicast", ip.IsLinkLocalUnicast()},
		{"isGlobalUnicast", ip.IsGlobalUnicast()},
	} {
		if flag.isSet {
			found = append(found, flag.name)
		}
	}
	return found
}
