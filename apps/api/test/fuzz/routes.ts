/**
 * The routes that requests at random are made for: all of `/openapi.json`.
 */

export interface Route {
  method: string;
  /** Parameters as `things.ts` names them: `/threads/{thread}`. */
  path: string;
  /** Of the query and the body. */
  fields: readonly string[];
  /** Those of the body without which nothing is done. */
  required: readonly string[];
}

interface BodySchema {
  $ref?: string;
  properties?: object;
  required?: string[];
}

/** Parts of `/openapi.json` that say what a request may hold. */
interface Described {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: BodySchema }> };
}

interface Description {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, BodySchema> };
}

/** @param json of `/openapi.json` */
export function routesOf(json: string): Route[] {
  const { paths, components } = JSON.parse(json) as Description;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => {
      const [content] = Object.values(requestBody?.content ?? {});
      const { $ref } = content?.schema ?? {};
      const named = $ref === undefined ? content?.schema : components.schemas[$ref.split('/').at(-1) ?? ''];
      const inQuery = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
      return {
        method: method.toUpperCase(),
        path: path.replace(/_id\}/g, '}'),
        fields: [...inQuery, ...Object.keys(named?.properties ?? {})],
        required: named?.required ?? [],
      };
    }),
  );
}
