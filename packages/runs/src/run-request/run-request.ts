/**
 * What somebody who wants a run says: the body of a run-create request, and what a cron keeps to say it again at every tick.
 */
import type {
  CheckpointSelector,
  Durability,
  JsonObject,
  MultitaskStrategy,
  RunCommand,
  RunConfig,
  RunRetryPolicy,
  StreamMode,
} from '@longrun/contracts';

/** The fields of the wire, validated. Null counts as not given, except of `input`. */
export interface RunRequest {
  input?: unknown;
  command?: RunCommand | null;
  config?: RunConfig | null;
  context?: JsonObject | null;
  metadata?: JsonObject | null;
  stream_mode?: StreamMode[] | null;
  stream_subgraphs?: boolean | null;
  stream_resumable?: boolean | null;
  interrupt_before?: '*' | string[] | null;
  interrupt_after?: '*' | string[] | null;
  checkpoint?: CheckpointSelector | null;
  checkpoint_id?: string | null;
  multitask_strategy?: MultitaskStrategy | null;
  /** `complete` and `continue` are the SDK's words for `delete` and `keep`. */
  on_completion?: 'delete' | 'keep' | 'complete' | 'continue' | null;
  after_seconds?: number | null;
  if_not_exists?: 'create' | 'reject' | null;
  durability?: Durability | null;
  strict_resume?: boolean | null;
  webhook?: string | null;
  /** Smaller is sooner. */
  priority?: number | null;
  retry_policy?: RunRetryPolicy | null;
  /** Deprecated by the platform: true is `async`, false is `exit`. */
  checkpoint_during?: boolean | null;
}
