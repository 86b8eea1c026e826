/**
 * One attempt to deliver one webhook. Redirections are not followed: they would lead past the check of the address.
 */
import { lookup as resolve } from 'node:dns';
import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPrivateAddress } from './private-addresses.js';

export interface WebhookRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  /** Addresses of private networks may be called. */
  allowPrivate: boolean;
}

/** The answer's status, or why there was none. */
export type WebhookAnswer = { status: number } | { error: string };

class PrivateAddressError extends Error {
  constructor(host: string) {
    super(`${host} is in a private network; set WEBHOOK_ALLOW_PRIVATE=true to let webhooks call it`);
    this.name = 'PrivateAddressError';
  }
}

/** Sends it. Never throws. */
export async function sendWebhook(request: WebhookRequest): Promise<WebhookAnswer> {
  const { url, headers, body, timeoutMs, allowPrivate } = request;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
    return { error: new PrivateAddressError(host).message };
  }
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    // Covers the whole of it: name, connection, answer.
    signal: AbortSignal.timeout(timeoutMs),
    // The address that was checked is the one that is called: a name that changes in between gains nothing.
    ...(allowPrivate ? {} : { lookup: publicLookup }),
  };
  return new Promise((answer) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const call = send(url, options, (response) => {
      answer({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    call.on('error', (error) => {
      answer({ error: error.name === 'AbortError' ? `no answer within ${timeoutMs} ms` : error.message });
    });
    call.end(body);
  });
}

const publicLookup: LookupFunction = (hostname, options, done) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) {
      done(error, '', 0);
      return;
    }
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
      done(new PrivateAddressError(hostname), '', 0);
    } else if (options.all) {
      done(null, addresses);
    } else {
      done(null, first.address, first.family);
    }
  });
};
