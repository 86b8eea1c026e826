import { describe, expect, it } from '@jest/globals';
import type { Assistant, JsonObject, RunConfig } from '@longrun/contracts';
import { mergeConfig, resolveRun } from './resolve-run.js';
import type { RunRequest } from './run-request.js';

const ASSISTANT: Assistant = {
  assistant_id: 'a-id',
  graph_id: 'g-id',
  config: { recursion_limit: 10, tags: ['assistant'], configurable: { of: 'assistant', only_assistant: 1 } },
  context: { of: 'assistant', only_assistant: 1 },
  created_at: '',
  updated_at: '',
  metadata: { of: 'assistant', only_assistant: 1 },
  version: 1,
  name: 'n',
  description: null,
};

const BARE: Assistant = { ...ASSISTANT, config: {}, context: {}, metadata: {} };

const resolve = (
  fields: RunRequest,
  given: {
    assistant?: Assistant;
    headers?: JsonObject;
    identity?: JsonObject;
    thread?: { config: RunConfig; metadata: JsonObject };
  } = {},
) =>
  resolveRun(
    {
      request: fields,
      assistant: given.assistant ?? BARE,
      headers: given.headers ?? {},
      identity: given.identity ?? {},
      temporary: false,
    },
    given.thread ?? { config: {}, metadata: {} },
  );

describe('resolveRun', () => {
  const thread = {
    config: { recursion_limit: 20, configurable: { of: 'thread', only_thread: 2 } },
    metadata: { of: 'thread', only_thread: 2 },
  };

  it('lets the thread override the assistant, and the run override both, key by key in configurable', () => {
    const withThread = resolve({}, { assistant: ASSISTANT, thread }).kwargs.config;
    expect(withThread).toEqual({
      recursion_limit: 20,
      tags: ['assistant'],
      configurable: { of: 'thread', only_assistant: 1, only_thread: 2 },
    });
    const own = { recursion_limit: 30, configurable: { of: 'run', only_run: 3 } };
    expect(resolve({ config: own }, { assistant: ASSISTANT, thread }).kwargs.config).toEqual({
      recursion_limit: 30,
      tags: ['assistant'],
      configurable: { of: 'run', only_assistant: 1, only_thread: 2, only_run: 3 },
    });
  });

  it('keeps of the run what becomes the config of the thread, without the part of the assistant', () => {
    const own = { configurable: { of: 'run' } };
    expect(
      resolve({ config: own }, { assistant: ASSISTANT, thread, headers: { 'x-a': '1' } }).threadConfig,
    ).toEqual({
      recursion_limit: 20,
      configurable: { of: 'run', only_thread: 2 },
    });
  });

  it('does not let a null of the run take away what thread and assistant set', () => {
    const own = { recursion_limit: null, tags: null, configurable: null } as unknown as RunConfig;
    expect(resolve({ config: own }, { assistant: ASSISTANT, thread }).kwargs.config).toMatchObject({
      recursion_limit: 20,
      tags: ['assistant'],
      configurable: { of: 'thread' },
    });
  });

  it('merges metadata and context in the same order, and stamps the ids last', () => {
    const fields = { metadata: { of: 'run', graph_id: 'forged' }, context: { of: 'run' } };
    const resolved = resolve(fields, { assistant: ASSISTANT, thread });
    expect(resolved.metadata).toEqual({
      of: 'run',
      only_assistant: 1,
      only_thread: 2,
      assistant_id: 'a-id',
      graph_id: 'g-id',
    });
    expect(resolved.kwargs.context).toEqual({ of: 'run', only_assistant: 1 });
    expect(resolve({}).kwargs).not.toHaveProperty('context');
  });

  it('gives the same for an empty thread and for one that has only what the run leaves there', () => {
    const fields = { config: { recursion_limit: 5, configurable: { a: 1 } }, metadata: { of: 'run' } };
    const empty = resolve(fields, { assistant: ASSISTANT, headers: { 'x-a': '1' } });
    const left = {
      config: empty.threadConfig,
      metadata: { graph_id: ASSISTANT.graph_id, assistant_id: ASSISTANT.assistant_id },
    };
    expect(resolve(fields, { assistant: ASSISTANT, headers: { 'x-a': '1' }, thread: left })).toEqual(empty);
  });

  it('puts headers under everything that was sent as configurable', () => {
    const headers = { 'x-a': 'header', 'x-b': 'header' };
    const own = { configurable: { 'x-a': 'body' } };
    expect(resolve({ config: own }, { headers }).kwargs.config.configurable).toEqual({
      'x-a': 'body',
      'x-b': 'header',
    });
  });

  it('takes checkpoint_during for a durability, unless one is given', () => {
    expect(resolve({ checkpoint_during: true }).kwargs.durability).toBe('async');
    expect(resolve({ checkpoint_during: false }).kwargs.durability).toBe('exit');
    expect(resolve({ checkpoint_during: false, durability: 'sync' }).kwargs.durability).toBe('sync');
    for (const absent of [null, undefined]) {
      expect(resolve({ checkpoint_during: absent as null }).kwargs).not.toHaveProperty('durability');
    }
  });

  it('records values when no stream mode is asked for, and each mode once', () => {
    expect(resolve({}).kwargs.stream_mode).toEqual(['values']);
    expect(resolve({ stream_mode: [] }).kwargs.stream_mode).toEqual(['values']);
    expect(resolve({ stream_mode: null }).kwargs.stream_mode).toEqual(['values']);
    expect(resolve({ stream_mode: ['updates', 'custom', 'updates'] }).kwargs.stream_mode).toEqual([
      'updates',
      'custom',
    ]);
  });

  it('keeps an input of null apart from no input', () => {
    expect(resolve({ input: null }).kwargs).toHaveProperty('input', null);
    expect(resolve({}).kwargs).not.toHaveProperty('input');
  });

  it('takes a checkpoint by its id, and prefers the whole selector', () => {
    expect(resolve({ checkpoint_id: 'c' }).kwargs.checkpoint).toEqual({ checkpoint_id: 'c' });
    const whole = { checkpoint_id: 'd', checkpoint_ns: 'n' };
    expect(resolve({ checkpoint_id: 'c', checkpoint: whole }).kwargs.checkpoint).toEqual(whole);
    expect(resolve({}).kwargs).not.toHaveProperty('checkpoint');
  });
});

describe('mergeConfig', () => {
  it('makes no configurable where neither side has one, and leaves both sides as they were', () => {
    const under = { configurable: { a: 1 } };
    expect(mergeConfig({ tags: ['a'] }, { tags: ['b'] })).toEqual({ tags: ['b'] });
    expect(mergeConfig(under, { configurable: { b: 2 } })).toEqual({ configurable: { a: 1, b: 2 } });
    expect(under).toEqual({ configurable: { a: 1 } });
  });

  it('puts who asks above everything that a request, a thread or an assistant says', () => {
    const identity = { langgraph_auth_user_id: 'alice', langgraph_auth_user: { identity: 'alice' } };
    const forged = { langgraph_auth_user_id: 'bob', langgraph_auth_user: { identity: 'bob' } };
    const { config } = resolve(
      { config: { configurable: forged } },
      {
        identity,
        assistant: { ...BARE, config: { configurable: forged } },
        thread: { config: { configurable: forged }, metadata: {} },
      },
    ).kwargs;
    expect(config.configurable).toEqual({ ...identity, user_id: 'alice' });
  });

  it('lets a request name another user_id, which proves nothing', () => {
    const identity = { langgraph_auth_user_id: 'alice' };
    const { config } = resolve({ config: { configurable: { user_id: 'team' } } }, { identity }).kwargs;
    expect(config.configurable).toEqual({ ...identity, user_id: 'team' });
  });
});
