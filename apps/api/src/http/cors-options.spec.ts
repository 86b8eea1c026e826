import { describe, expect, it } from '@jest/globals';
import { corsOptions } from './cors-options.js';

const said = {
  origins: ['https://a.example'],
  originPattern: null,
  methods: undefined,
  headers: undefined,
  exposedHeaders: [],
  credentials: false,
  maxAge: undefined,
};

describe('cors', () => {
  it('is as CORS_ORIGINS says when langgraph.json says nothing', () => {
    expect(corsOptions('*', { cors: null }).origin).toBe('*');
    expect(corsOptions('https://a.example, https://b.example', { cors: null })).toMatchObject({
      origin: ['https://a.example', 'https://b.example'],
      exposedHeaders: expect.arrayContaining(['Content-Location', 'Location']) as unknown,
    });
  });

  it('is as langgraph.json says otherwise, with what clients of the API need', () => {
    const cors = {
      ...said,
      originPattern: /^x$/,
      methods: ['GET'],
      headers: ['X-Mine'],
      exposedHeaders: ['X-Own', 'Location'],
      credentials: true,
      maxAge: 60,
    };
    const options = corsOptions('*', { cors });
    expect(options).toMatchObject({
      origin: ['https://a.example', /^x$/],
      methods: ['GET'],
      allowedHeaders: ['X-Mine'],
      credentials: true,
      maxAge: 60,
    });
    expect(options.exposedHeaders).toEqual(expect.arrayContaining(['X-Own', 'Content-Location']));
    expect(options.exposedHeaders.filter((name) => name === 'Location')).toHaveLength(1);
    expect(corsOptions('https://b.example', { cors: { ...said, origins: ['*'] } }).origin).toBe('*');
  });
});
