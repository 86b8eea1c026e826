/**
 * One client for each server, whose connections are kept from cell to cell.
 */
import type { Contender } from '../contenders/contender.js';
import { HttpClient } from '../load/http-client.js';

const clients = new WeakMap<Contender, HttpClient>();

export function clientOf(contender: Contender): HttpClient {
  const client = clients.get(contender) ?? new HttpClient(contender.url);
  clients.set(contender, client);
  return client;
}
