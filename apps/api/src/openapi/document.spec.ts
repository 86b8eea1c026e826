import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { Contains } from 'class-validator';
import { controllersWithout } from '../controllers.js';
import { docsPage } from './docs-page.js';
import { openApiDocument, operationsWithoutRoute } from './document.js';
import { bodySchema } from './request-schemas.js';

const document = openApiDocument(controllersWithout([]), { version: '1.2.3' });

describe('the description of the API', () => {
  it('refuses a route that it does not know', () => {
    @Controller('unheard')
    class UnheardController {
      @Get(':of')
      get(): string {
        return '';
      }
    }
    expect(() => openApiDocument([UnheardController], { version: '1' })).toThrow('GET /unheard/{of}');
  });

  it('knows no route that is not served', () => {
    expect(operationsWithoutRoute(controllersWithout([]))).toEqual([]);
    expect(operationsWithoutRoute(controllersWithout(['store']))).toContain('PUT /store/items');
  });

  it('refuses a rule that says nothing of itself', () => {
    class VagueDto {
      @Contains('x')
      field!: string;
    }
    expect(() => bodySchema(VagueDto)).toThrow('VagueDto.field: the rule "contains" has no JSON Schema.');
  });

  it('leaves out the parts that are not served', () => {
    const { paths, tags } = openApiDocument(controllersWithout(['store']), { version: '1' });
    expect(Object.keys(paths).filter((path) => path.startsWith('/store'))).toEqual([]);
    expect(tags.map(({ name }) => name)).not.toContain('Store');
  });

  it('reads parameters from the handler', () => {
    const { parameters } = document.paths['/threads/{thread_id}/runs']?.['get'] ?? {};
    expect(parameters?.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'path thread_id',
      'query limit',
      'query offset',
      'query select',
      'query status',
      'header Prefer',
    ]);
    expect(parameters?.[0]?.schema).toEqual({ type: 'string', format: 'uuid' });
  });

  it('reads bodies from the rules of their fields', () => {
    expect(document.components.schemas['StorePut']).toEqual({
      type: 'object',
      required: ['key', 'value'],
      properties: {
        index: { anyOf: [{ const: false }, { type: 'array', items: { type: 'string' } }, { type: 'null' }] },
        key: { type: 'string' },
        namespace: { type: ['array', 'null'], items: {} },
        ttl: { type: ['number', 'null'] },
        value: { type: 'object' },
      },
    });
    const run = document.components.schemas['ThreadRun'] as {
      properties: Record<string, { description: string }>;
    };
    expect(run.properties['feedback_keys']?.description).toMatch(/^Not available/);
    expect(run.properties['on_completion']?.description).toMatch(/ignored/);
  });

  it('tells of plain text errors where they are plain text', () => {
    const plain = openApiDocument(controllersWithout([]), { version: '1', errorFormat: 'text' });
    const { content } = plain.paths['/runs']?.['post']?.responses['404'] ?? {};
    expect(content).toEqual({ 'text/plain': { schema: { type: 'string' } } });
  });

  it('has no name that its page would take for HTML', () => {
    const page = docsPage({ ...document, info: { ...document.info, title: '<script>' } });
    expect(page).toContain('&lt;script&gt; API');
    expect(page).not.toContain('<script');
  });
});
