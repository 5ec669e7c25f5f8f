/** Bodies by protocol and type. */
import * as netlink from '../../syscall/netlink.ts';
import * as route from '../../syscall/netlink-route.ts';
import { SOCK_DIAG_BY_FAMILY } from '../../syscall/sock-diag.ts';
import { interfaceAddress } from './address.ts';
import { type Body, bodyText, unknownText } from './body.ts';
import type { Context } from './context.ts';
import { link } from './link.ts';
import { neighbour } from './neighbour.ts';
import { routeBody } from './route.ts';
import { rule } from './rule.ts';
import { diagBody } from './sock-diag.ts';

/** By the first of each four types. */
const ROUTE_BODIES: ReadonlyMap<number, Body> = new Map([
  [route.RTM_NEWLINK, link],
  [route.RTM_NEWADDR, interfaceAddress],
  [route.RTM_NEWROUTE, routeBody],
  [route.RTM_NEWNEIGH, neighbour],
  [route.RTM_NEWRULE, rule],
]);

/** Null: a protocol whose bodies are not known. */
export function protocolBody(
  bytes: Uint8Array,
  type: number,
  flags: number,
  protocol: number | null,
  context: Context,
): string | null {
  let body: Body | null | undefined;
  if (protocol === netlink.NETLINK_ROUTE) {
    body = ROUTE_BODIES.get(type & ~3);
  } else if (protocol === netlink.NETLINK_SOCK_DIAG) {
    const request = (flags & netlink.NLM_F_REQUEST) !== 0;
    body = type === SOCK_DIAG_BY_FAMILY ? diagBody(bytes[0]!, request) : null;
  } else {
    return null;
  }
  return body ? bodyText(bytes, body, context) : unknownText(bytes, context);
}
