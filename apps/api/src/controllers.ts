/**
 * The controllers of the API, by the part of it that they serve.
 */
import type { HttpPart } from '@longrun/graphs';
import type { Type } from '@nestjs/common';
import { A2aController } from './a2a/a2a.controller.js';
import { AssistantGraphController } from './assistants/assistant-graph.controller.js';
import { AssistantsController } from './assistants/assistants.controller.js';
import { CronsController } from './crons/crons.controller.js';
import { McpController } from './mcp/mcp.controller.js';
import { HealthController } from './meta/health.controller.js';
import { MetaController } from './meta/meta.controller.js';
import { TruncateController } from './meta/truncate.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { ProtocolController } from './protocol/protocol.controller.js';
import { RunBulkController } from './runs/run-bulk.controller.js';
import { RunExplanationController } from './runs/run-explanation.js';
import { RunStreamController } from './runs/run-stream.controller.js';
import { RunWaitController } from './runs/run-wait.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { StoreController } from './store/store.controller.js';
import { ThreadStateController } from './threads/thread-state.controller.js';
import { ThreadStreamController } from './threads/thread-stream.controller.js';
import { ThreadsController } from './threads/threads.controller.js';
import { UiController } from './ui/ui.controller.js';

const CONTROLLERS = {
  // Whoever watches over the process asks it, whatever else is served.
  health: [HealthController],
  meta: [MetaController, OpenApiController],
  assistants: [AssistantsController, AssistantGraphController],
  threads: [ThreadsController, ThreadStateController, ThreadStreamController],
  // The crons before the runs, whose ids would otherwise take the word `crons`.
  runs: [
    RunBulkController,
    RunExplanationController,
    CronsController,
    RunStreamController,
    RunWaitController,
    RunsController,
    ProtocolController,
  ],
  store: [StoreController],
  ui: [UiController],
  mcp: [McpController],
  a2a: [A2aController],
  testing: [TruncateController],
} as const satisfies Record<string, readonly Type<unknown>[]>;

type ApiPart = keyof typeof CONTROLLERS;

/** Controllers of all parts but some; a name that is no part of them takes nothing away. */
export function controllersWithout(disabled: readonly (ApiPart | HttpPart)[]): Type<unknown>[] {
  return Object.entries(CONTROLLERS).flatMap(([part, controllers]) =>
    disabled.includes(part as ApiPart) ? [] : [...controllers],
  );
}
