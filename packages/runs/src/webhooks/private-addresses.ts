/**
 * Addresses that a webhook must not reach unless that is allowed: the machine itself, private networks, and the metadata services of
 * clouds. A user names the URL of a webhook, and the server would call it from inside.
 *
 * Source: IANA special-purpose address registries (RFC 6890 and its updates).
 */
import { BlockList, isIP } from 'node:net';

const PRIVATE = new BlockList();
const RANGES_4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const RANGES_6: [string, number][] = [
  ['::', 128],
  ['::1', 128],
  // Ways to say an IPv4 address: translated, 6to4, Teredo.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];
for (const [network, prefix] of RANGES_4) PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of RANGES_6) PRIVATE.addSubnet(network, prefix, 'ipv6');

/** True for an address that is not of the public internet, and for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return true;
  // An IPv4 address in an IPv6 one (::ffff:10.0.0.1) is checked as what it is: BlockList does so itself.
  return PRIVATE.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
