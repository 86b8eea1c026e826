/**
 * Sends documented fields and keeps count of them. A field that the server drops fails the test at once, unless the test says so.
 */
import { expect } from '@jest/globals';
import type { Client } from 'langgraph-sdk-1.15';
import type { TestStack } from '@longrun/test-stack';

export interface Sending {
  /** Values for the `{parts}` of the route. */
  path?: Readonly<Record<string, string>>;
  /** Fields, or a list of objects of them. */
  body?: object;
  query?: Readonly<Record<string, string>>;
  /** Fields that mean nothing to this request: they must be named as ignored. None unless said. */
  ignored?: readonly string[];
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined when the answer is no JSON. */
  body: unknown;
}

export interface FieldScenario {
  /** `METHOD /path/{part}`, as in documented-fields.json. */
  route: string;
  /** The fields whose effect it shows, or whose refusal. */
  fields: readonly string[];
  shows: (probe: FieldProbe) => Promise<void>;
}

export function shows(
  route: string,
  fields: string,
  holds: (send: (sending: Sending) => Promise<Answer>, probe: FieldProbe) => Promise<void>,
): FieldScenario {
  const scenario: FieldScenario = {
    route,
    fields: fields.split(' '),
    shows: (probe) => holds((sending) => probe.send(route, sending), probe),
  };
  return scenario;
}

export class FieldProbe {
  readonly #sent = new Map<string, Set<string>>();

  constructor(
    readonly stack: TestStack,
    readonly client: Client,
    readonly url: string,
  ) {}

  /** Fields that were sent to a route so far. */
  sentTo(route: string): ReadonlySet<string> {
    return this.#sent.get(route) ?? new Set();
  }

  async open(
    route: string,
    { path = {}, body, query = {}, ignored = [], signal }: Sending,
  ): Promise<Response> {
    const fields = [body ?? []].flat().flatMap((part) => Object.keys(part));
    this.#sent.set(route, new Set([...this.sentTo(route), ...fields, ...Object.keys(query)]));
    const [method = '', template = ''] = route.split(' ');
    const resolved = template.replace(/\{(\w+)\}/g, (_whole, part: string) => path[part] ?? '');
    const response = await fetch(`${this.url}${resolved}?${new URLSearchParams(query).toString()}`, {
      method,
      ...(signal ? { signal } : {}),
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const dropped = response.headers.get('x-longrun-ignored-fields');
    expect([route, dropped]).toEqual([route, ignored.length === 0 ? null : ignored.join(', ')]);
    return response;
  }

  async send(route: string, sending: Sending): Promise<Answer> {
    const response = await this.open(route, sending);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text.trim() !== '';
    const body = (isJson ? JSON.parse(text) : undefined) as unknown;
    return { status: response.status, headers: response.headers, text, body };
  }
}

/** Names of the events of a stream that was read whole. */
export function eventsIn(text: string): string[] {
  return [...text.matchAll(/^event: (.*)\r$/gm)].map(([, name]) => name ?? '');
}

/** A part of an answer by its path, such as `tasks.0.state`; undefined when it is not there. */
export function partOf({ body }: Answer, path: string): unknown {
  return path
    .split('.')
    .reduce((value: unknown, key) => (value as Record<string, unknown> | null | undefined)?.[key], body);
}
