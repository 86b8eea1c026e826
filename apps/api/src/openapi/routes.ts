/**
 * The routes of controllers as NestJS knows them: path, status, parameters and the classes of body and query. What a handler takes cannot
 * be described wrongly, as it is read from the handler.
 */
import { RequestMethod, type Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { IS_PUBLIC } from '../auth/public.js';
import { bodyOfRequest, queryOfRequest, uuidOfPath } from '../http/validated.js';
import { StatelessRunDto, ThreadRunDto } from '../runs/run-create.dto.js';
import { statelessRunOf, threadRunOf } from '../runs/run-creation.param.js';
import type { RequestClass } from './request-schemas.js';

export interface Route {
  /** `GET /threads/{thread_id}`. */
  name: string;
  method: string;
  path: string;
  /** Of an answer that went well, unless the handler says otherwise. */
  status: number;
  /** Names of path parameters that must be UUIDs. */
  uuids: readonly string[];
  /** Names of headers that are read. */
  headers: readonly string[];
  query?: RequestClass;
  body?: RequestClass;
  /** Whether everybody may use it. */
  isPublic: boolean;
}

interface Argument {
  data?: unknown;
  factory?: unknown;
}

/** Every route of a controller. */
export function routesOf(controller: Type<unknown>): Route[] {
  const prefix = Reflect.getMetadata(PATH_METADATA, controller) as string;
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    const verb = handler && (Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined);
    if (!handler || verb === undefined) return [];
    const paths = [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat();
    const method = RequestMethod[verb];
    const status = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined;
    return paths.map((own) => {
      const path = pathOf(prefix, own);
      return {
        name: `${method} ${path}`,
        method: method.toLowerCase(),
        path,
        status: status ?? (verb === RequestMethod.POST ? 201 : 200),
        isPublic: Reflect.getMetadata(IS_PUBLIC, handler) === true,
        ...argumentsOf(controller, name),
      };
    });
  });
}

function pathOf(prefix: string, own: string): string {
  const parts = [prefix, own].flatMap((part) => part.split('/')).filter((part) => part !== '');
  return `/${parts.join('/')}`.replace(/:(\w+)/g, '{$1}');
}

function argumentsOf(
  controller: Type<unknown>,
  handler: string,
): Pick<Route, 'uuids' | 'headers' | 'query' | 'body'> {
  const found = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<
    string,
    Argument
  >;
  const all = Object.entries(found);
  const custom = all.flatMap(([key, argument]) =>
    key.includes(CUSTOM_ROUTE_ARGS_METADATA) ? [argument] : [],
  );
  const of = (factory: unknown): unknown =>
    [custom.find((argument) => argument.factory === factory)?.data].flat()[0];
  const has = (factory: unknown): boolean => custom.some((argument) => argument.factory === factory);
  const uuids = custom
    .filter(({ factory }) => factory === uuidOfPath)
    .map(({ data }) => String([data].flat()[0]));
  const headers = all
    .filter(([key]) => key.startsWith(`${RouteParamtypes.HEADERS}:`))
    .map(([, { data }]) => String(data));
  const query = of(queryOfRequest) as RequestClass | undefined;
  const run = has(threadRunOf) ? ThreadRunDto : has(statelessRunOf) ? StatelessRunDto : undefined;
  const body = run ?? (of(bodyOfRequest) as RequestClass | undefined);
  return {
    uuids: has(threadRunOf) ? [...uuids, 'thread_id'] : uuids,
    headers,
    ...(query ? { query } : {}),
    ...(body ? { body } : {}),
  };
}
