import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { parseGraphDefaults } from './graph-defaults.js';

const GRAPHS = ['agent', 'other'];
const problemOf = (text: string): string => {
  try {
    parseGraphDefaults(text, GRAPHS);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('parseGraphDefaults', () => {
  it('gives every graph a config and a context, empty without an entry', () => {
    const entry = { configurable: { model: 'm' }, recursion_limit: 7, tags: ['t'], context: { user: 'u' } };
    const defaults = parseGraphDefaults(JSON.stringify({ agent: entry }), GRAPHS);
    expect(defaults.get('agent')).toEqual({
      config: { configurable: { model: 'm' }, recursion_limit: 7, tags: ['t'] },
      context: { user: 'u' },
      source: entry,
    });
    expect(defaults.get('other')).toEqual({ config: {}, context: {}, source: {} });
    expect(parseGraphDefaults(undefined, GRAPHS).size).toBe(2);
  });

  it('names graphs that do not exist, and those that do', () => {
    expect(problemOf('{"agnet":{},"toString":{}}')).toMatch(
      /LANGGRAPH_CONFIG: names graphs .*: agnet, toString \(there are: agent, other\)/,
    );
  });

  it.each([
    ['{"agent":', /LANGGRAPH_CONFIG: is not JSON: ./],
    ['[]', /LANGGRAPH_CONFIG: must be a JSON object/],
    ['{"agent":7}', /"agent" must be an object with any of configurable, context/],
    ['{"agent":{"configurable":[]}}', /"agent" `configurable` must be an object/],
    ['{"agent":{"recursion_limit":0}}', /`recursion_limit` a positive whole number/],
    ['{"agent":{"context":"x"}}', /"agent" has a context that is no JSON object/],
    ['{"agent":{"model":"m"}}', /"agent" holds model; it may hold configurable/],
  ])('says in a sentence what is wrong with %s', (text, sentence) => {
    expect(problemOf(text)).toMatch(sentence);
  });

  it('tells all problems at once', () => {
    expect(problemOf('{"nobody":{},"agent":1,"other":2}').match(/LANGGRAPH_CONFIG: /g)).toHaveLength(3);
  });
});
