-- A database of the first schema with rows in every table, made by make-first-schema.mjs. LangGraph's tables are those of its own saver and store.
CREATE TABLE _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('pending', 'running', 'success', 'error', 'timeout', 'interrupted');

-- CreateEnum
CREATE TYPE "thread_status" AS ENUM ('idle', 'busy', 'interrupted', 'error');

-- CreateTable
CREATE TABLE "assistant" (
    "assistant_id" UUID NOT NULL,
    "graph_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "config" JSONB NOT NULL DEFAULT '{}',
    "context" JSONB NOT NULL DEFAULT '{}',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "assistant_pkey" PRIMARY KEY ("assistant_id")
);

-- CreateTable
CREATE TABLE "thread" (
    "thread_id" UUID NOT NULL,
    "status" "thread_status" NOT NULL DEFAULT 'idle',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "config" JSONB NOT NULL DEFAULT '{}',
    "values" JSONB,
    "interrupts" JSONB NOT NULL DEFAULT '{}',
    "error" JSONB,
    "last_run_order" BIGINT NOT NULL DEFAULT 0,
    "temporary" BOOLEAN NOT NULL DEFAULT false,
    "hidden_at" TIMESTAMPTZ(6),
    "delete_after" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state_updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "thread_pkey" PRIMARY KEY ("thread_id")
);

-- CreateTable
CREATE TABLE "run" (
    "run_id" UUID NOT NULL,
    "thread_id" UUID NOT NULL,
    "assistant_id" UUID NOT NULL,
    "graph_id" TEXT NOT NULL,
    "thread_order" BIGINT NOT NULL,
    "status" "run_status" NOT NULL DEFAULT 'pending',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "crashes" INTEGER NOT NULL DEFAULT 0,
    "dispatch" INTEGER NOT NULL DEFAULT 0,
    "dispatched_at" TIMESTAMPTZ(6),
    "worker_id" UUID,
    "cancel_requested_at" TIMESTAMPTZ(6),
    "cancel_action" TEXT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "multitask_strategy" TEXT NOT NULL,
    "kwargs" JSON NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "error" JSONB,
    "base_checkpoint_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),
    "events_pruned_at" TIMESTAMPTZ(6),

    CONSTRAINT "run_pkey" PRIMARY KEY ("run_id")
);

-- CreateTable
CREATE TABLE "run_event" (
    "run_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "event" TEXT NOT NULL,
    "data" TEXT NOT NULL,

    CONSTRAINT "run_event_pkey" PRIMARY KEY ("run_id","seq")
);

-- CreateTable
CREATE TABLE "worker" (
    "worker_id" UUID NOT NULL,
    "lock_key" SERIAL NOT NULL,
    "lock_held" BOOLEAN NOT NULL DEFAULT false,
    "beat" BIGINT NOT NULL DEFAULT 0,
    "heartbeat_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" TEXT NOT NULL DEFAULT 'active',
    "graph_ids" TEXT[],
    "hostname" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,

    CONSTRAINT "worker_pkey" PRIMARY KEY ("worker_id")
);

-- CreateTable
CREATE TABLE "sweeper" (
    "sweeper_id" UUID NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sweeper_pkey" PRIMARY KEY ("sweeper_id")
);

-- CreateIndex
CREATE INDEX "assistant_graph_id_idx" ON "assistant"("graph_id");

-- CreateIndex
CREATE INDEX "assistant_metadata_idx" ON "assistant" USING GIN ("metadata" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "assistant_created_at_idx" ON "assistant"("created_at" DESC);

-- CreateIndex
CREATE INDEX "thread_status_idx" ON "thread"("status");

-- CreateIndex
CREATE INDEX "thread_created_at_idx" ON "thread"("created_at" DESC);

-- CreateIndex
CREATE INDEX "thread_updated_at_idx" ON "thread"("updated_at" DESC);

-- CreateIndex
CREATE INDEX "thread_metadata_idx" ON "thread" USING GIN ("metadata" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "run_assistant_id_idx" ON "run"("assistant_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_thread_id_thread_order_key" ON "run"("thread_id", "thread_order");

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_thread_id_fkey" FOREIGN KEY ("thread_id") REFERENCES "thread"("thread_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_assistant_id_fkey" FOREIGN KEY ("assistant_id") REFERENCES "assistant"("assistant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Partial indexes: Prisma's schema language cannot say them, its drift check leaves them alone.

-- At most one attempt of a thread writes: the second claim fails here, whatever else was overlooked.
CREATE UNIQUE INDEX "run_one_running_per_thread" ON "run" ("thread_id") WHERE "status" = 'running';
-- The active runs of a thread in their order: thread rules, claim, next run.
CREATE INDEX "run_active_by_thread" ON "run" ("thread_id", "thread_order") WHERE "status" IN ('pending', 'running');
-- What reconcile and workers without Redis look for.
CREATE INDEX "run_pending_by_due" ON "run" ("due_at") WHERE "status" = 'pending';
-- The runs of one worker: heartbeat, rescue.
CREATE INDEX "run_running_by_worker" ON "run" ("worker_id") WHERE "status" = 'running';
-- Logs to prune.
CREATE INDEX "run_ended_with_log" ON "run" ("ended_at") WHERE "ended_at" IS NOT NULL AND "events_pruned_at" IS NULL;
-- Hidden threads to delete.
CREATE INDEX "thread_delete_after" ON "thread" ("delete_after") WHERE "delete_after" IS NOT NULL;



CREATE SCHEMA IF NOT EXISTS langgraph;
CREATE TABLE IF NOT EXISTS langgraph.checkpoint_migrations (v INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS langgraph.store_migrations (v INTEGER PRIMARY KEY);
CREATE SCHEMA IF NOT EXISTS "langgraph";
CREATE TABLE IF NOT EXISTS "langgraph".checkpoint_migrations (
    v INTEGER PRIMARY KEY
  );
CREATE TABLE IF NOT EXISTS "langgraph".checkpoints (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL DEFAULT '',
    checkpoint_id TEXT NOT NULL,
    parent_checkpoint_id TEXT,
    type TEXT,
    checkpoint JSONB NOT NULL,
    metadata JSONB NOT NULL DEFAULT '{}',
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id)
  );
CREATE TABLE IF NOT EXISTS "langgraph".checkpoint_blobs (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL,
    version TEXT NOT NULL,
    type TEXT NOT NULL,
    blob BYTEA,
    PRIMARY KEY (thread_id, checkpoint_ns, channel, version)
  );
CREATE TABLE IF NOT EXISTS "langgraph".checkpoint_writes (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL DEFAULT '',
    checkpoint_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    idx INTEGER NOT NULL,
    channel TEXT NOT NULL,
    type TEXT,
    blob BYTEA NOT NULL,
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
  );
ALTER TABLE "langgraph".checkpoint_blobs ALTER COLUMN blob DROP not null;
CREATE SCHEMA IF NOT EXISTS "langgraph";
CREATE TABLE IF NOT EXISTS "langgraph".store_migrations (
    v INTEGER PRIMARY KEY
  );
CREATE TABLE IF NOT EXISTS "langgraph".store (
    namespace_path TEXT NOT NULL,
    key TEXT NOT NULL,
    value JSONB NOT NULL,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMPTZ,
    PRIMARY KEY (namespace_path, key)
  );
CREATE INDEX IF NOT EXISTS idx_store_namespace_path 
    ON "langgraph".store USING btree (namespace_path);
    
    CREATE INDEX IF NOT EXISTS idx_store_value_gin 
    ON "langgraph".store USING gin (value);
    
    CREATE INDEX IF NOT EXISTS idx_store_expires_at 
    ON "langgraph".store USING btree (expires_at) 
    WHERE expires_at IS NOT NULL;
CREATE OR REPLACE FUNCTION "langgraph".update_updated_at_column()
    RETURNS TRIGGER AS $$
    BEGIN
      NEW.updated_at = CURRENT_TIMESTAMP;
      RETURN NEW;
    END;
    $$ language 'plpgsql';

    DROP TRIGGER IF EXISTS update_store_updated_at ON "langgraph".store;

    CREATE TRIGGER update_store_updated_at
    BEFORE UPDATE ON "langgraph".store
    FOR EACH ROW EXECUTE FUNCTION "langgraph".update_updated_at_column();
INSERT INTO public.assistant ("assistant_id", "graph_id", "name", "description", "config", "context", "metadata", "version", "created_at", "updated_at") VALUES ('00000009-0000-4000-8000-000000000000', 'steps', 'mine', 'A patient one.', '{"configurable": {"tone": "calm"}}', '{}', '{"team": "a"}', '1', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.assistant ("assistant_id", "graph_id", "name", "description", "config", "context", "metadata", "version", "created_at", "updated_at") VALUES ('01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', 'steps', NULL, '{}', '{}', '{"created_by": "system"}', '1', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.assistant ("assistant_id", "graph_id", "name", "description", "config", "context", "metadata", "version", "created_at", "updated_at") VALUES ('a457ba2f-c0dc-56e6-817d-ddf904d1e526', 'ask', 'ask', NULL, '{}', '{}', '{"created_by": "system"}', '1', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000001-0000-4000-8000-000000000000', 'idle', '{"name": "done", "graph_id": "steps"}', '{"configurable": {"user": "ann"}}', '{"ms": 1, "log": ["step0", "step1", "step2", "step3", "step4", "step5", "step6", "step7"]}', '{}', NULL, '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000002-0000-4000-8000-000000000000', 'interrupted', '{"name": "asks", "graph_id": "ask"}', '{}', '{"ms": 1, "log": ["first:yes"]}', '{"second": [{"id": "of-the-first-schema", "value": "second?"}]}', NULL, '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000003-0000-4000-8000-000000000000', 'busy', '{"name": "waits", "graph_id": "steps"}', '{}', NULL, '{}', NULL, '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000004-0000-4000-8000-000000000000', 'busy', '{"name": "broken", "graph_id": "steps"}', '{}', NULL, '{}', NULL, '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000005-0000-4000-8000-000000000000', 'error', '{"name": "failed", "graph_id": "steps"}', '{}', NULL, '{}', '{"error": "Error", "message": "no"}', '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000006-0000-4000-8000-000000000000', 'error', '{"name": "late", "graph_id": "steps"}', '{}', NULL, '{}', NULL, '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000007-0000-4000-8000-000000000000', 'idle', '{"name": "cancelled", "graph_id": "steps"}', '{}', NULL, '{}', NULL, '1', 'false', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.thread ("thread_id", "status", "metadata", "config", "values", "interrupts", "error", "last_run_order", "temporary", "hidden_at", "delete_after", "created_at", "updated_at", "state_updated_at") VALUES ('00000008-0000-4000-8000-000000000000', 'idle', '{"name": "gone", "graph_id": "steps"}', '{}', NULL, '{}', NULL, '1', 'true', '2026-11-21 06:00:00+00', '2026-11-21 06:02:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00');
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000001-0000-4000-8000-000000000000', '00000001-0000-4000-8000-000000000000', '01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', '1', 'success', '1', '0', '1', '2026-11-21 06:00:00+00', NULL, NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "done"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000002-0000-4000-8000-000000000000', '00000002-0000-4000-8000-000000000000', 'a457ba2f-c0dc-56e6-817d-ddf904d1e526', 'ask', '1', 'success', '1', '0', '1', '2026-11-21 06:00:00+00', NULL, NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "asks"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000003-0000-4000-8000-000000000000', '00000003-0000-4000-8000-000000000000', '00000009-0000-4000-8000-000000000000', 'steps', '1', 'pending', '0', '0', '1', '2026-11-21 06:00:00+00', NULL, NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "waits"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL, NULL, NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000004-0000-4000-8000-000000000000', '00000004-0000-4000-8000-000000000000', '01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', '1', 'running', '1', '0', '1', '2026-11-21 06:00:00+00', '00000001-0000-4000-8000-000000000000', NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "broken"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL, NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000005-0000-4000-8000-000000000000', '00000005-0000-4000-8000-000000000000', '01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', '1', 'error', '1', '0', '1', '2026-11-21 06:00:00+00', NULL, NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "failed"}', '{"error": "Error", "message": "no"}', NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000006-0000-4000-8000-000000000000', '00000006-0000-4000-8000-000000000000', '01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', '1', 'timeout', '1', '0', '1', '2026-11-21 06:00:00+00', NULL, NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "late"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000007-0000-4000-8000-000000000000', '00000007-0000-4000-8000-000000000000', '01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', '1', 'interrupted', '1', '0', '1', '2026-11-21 06:00:00+00', NULL, '2026-11-21 06:00:00+00', 'interrupt', '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":false}', '{"name": "cancelled"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL);
INSERT INTO public.run ("run_id", "thread_id", "assistant_id", "graph_id", "thread_order", "status", "attempt", "crashes", "dispatch", "dispatched_at", "worker_id", "cancel_requested_at", "cancel_action", "priority", "due_at", "multitask_strategy", "kwargs", "metadata", "error", "base_checkpoint_id", "created_at", "updated_at", "started_at", "ended_at", "events_pruned_at") VALUES ('10000008-0000-4000-8000-000000000000', '00000008-0000-4000-8000-000000000000', '01d10e59-d4b4-51ec-8e94-9b2716b34de8', 'steps', '1', 'success', '1', '0', '1', '2026-11-21 06:00:00+00', NULL, NULL, NULL, '0', '2026-11-21 06:00:00+00', 'enqueue', '{"input":{"ms":1},"config":{},"stream_mode":["values","custom"],"subgraphs":false,"resumable":false,"temporary":true}', '{"name": "gone"}', NULL, NULL, '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', NULL);
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000001-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '1', 'values', '{"log":[],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '10', 'custom', '{"step":4,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '11', 'values', '{"log":["step0","step1","step2","step3","step4"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '12', 'custom', '{"step":5,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '13', 'values', '{"log":["step0","step1","step2","step3","step4","step5"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '14', 'custom', '{"step":6,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '15', 'values', '{"log":["step0","step1","step2","step3","step4","step5","step6"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '16', 'custom', '{"step":7,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '17', 'values', '{"log":["step0","step1","step2","step3","step4","step5","step6","step7"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '18', 'end', '{"run_id":"10000001-0000-4000-8000-000000000000","status":"success"}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '2', 'custom', '{"step":0,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '3', 'values', '{"log":["step0"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '4', 'custom', '{"step":1,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '5', 'values', '{"log":["step0","step1"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '6', 'custom', '{"step":2,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '7', 'values', '{"log":["step0","step1","step2"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '8', 'custom', '{"step":3,"attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000001-0000-4000-8000-000000000000', '9', 'values', '{"log":["step0","step1","step2","step3"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000002-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000002-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000002-0000-4000-8000-000000000000', '1', 'values', '{"log":["first:yes"],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000002-0000-4000-8000-000000000000', '2', 'end', '{"run_id":"10000002-0000-4000-8000-000000000000","status":"success"}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000004-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000004-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000004-0000-4000-8000-000000000000', '1', 'values', '{"log":[],"ms":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000005-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000005-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000005-0000-4000-8000-000000000000', '1', 'error', '{"error":"Error","message":"no"}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000005-0000-4000-8000-000000000000', '2', 'end', '{"run_id":"10000005-0000-4000-8000-000000000000","status":"error"}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000006-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000006-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000006-0000-4000-8000-000000000000', '1', 'end', '{"run_id":"10000006-0000-4000-8000-000000000000","status":"timeout"}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000007-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000007-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000007-0000-4000-8000-000000000000', '1', 'end', '{"run_id":"10000007-0000-4000-8000-000000000000","status":"interrupted"}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000008-0000-4000-8000-000000000000', '0', 'metadata', '{"run_id":"10000008-0000-4000-8000-000000000000","attempt":1}');
INSERT INTO public.run_event ("run_id", "seq", "event", "data") VALUES ('10000008-0000-4000-8000-000000000000', '1', 'end', '{"run_id":"10000008-0000-4000-8000-000000000000","status":"success"}');
INSERT INTO public.worker ("worker_id", "lock_key", "lock_held", "beat", "heartbeat_at", "started_at", "state", "graph_ids", "hostname", "pid") VALUES ('00000001-0000-4000-8000-000000000000', '1', 'true', '42', '2026-11-21 06:00:00+00', '2026-11-21 06:00:00+00', 'active', '{steps,ask}', 'old', '4242');
INSERT INTO public.sweeper ("sweeper_id", "seen_at") VALUES ('00000001-0000-4000-8000-000000000000', '2026-11-21 06:00:00+00');
INSERT INTO public._prisma_migrations ("id", "checksum", "finished_at", "migration_name", "logs", "rolled_back_at", "started_at", "applied_steps_count") VALUES ('00000009-0000-4000-8000-000000000000', '6eca191d2e682bb189f3620d5373a9e7a7133230ce07655118c6b256d7ce418b', '2026-11-21 06:00:00+00', '20261121043801_init', NULL, NULL, '2026-11-21 06:00:00+00', '1');
INSERT INTO langgraph.checkpoint_migrations ("v") VALUES ('0');
INSERT INTO langgraph.checkpoint_migrations ("v") VALUES ('1');
INSERT INTO langgraph.checkpoint_migrations ("v") VALUES ('2');
INSERT INTO langgraph.checkpoint_migrations ("v") VALUES ('3');
INSERT INTO langgraph.checkpoint_migrations ("v") VALUES ('4');
INSERT INTO langgraph.store_migrations ("v") VALUES ('0');
INSERT INTO langgraph.store_migrations ("v") VALUES ('1');
INSERT INTO langgraph.store_migrations ("v") VALUES ('2');
INSERT INTO langgraph.store_migrations ("v") VALUES ('3');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a315-6560-ffff-070575d50103', NULL, NULL, '{"v": 4, "id": "1f1e6571-a315-6560-ffff-070575d50103", "ts": "2026-11-22T09:28:40.118Z", "versions_seen": {"__input__": {}}, "channel_versions": {"__start__": 1}}', '{"step": -1, "source": "input", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a3a7-6d20-8000-88d8e0d3c57d', '1f1e6571-a315-6560-ffff-070575d50103', NULL, '{"v": 4, "id": "1f1e6571-a3a7-6d20-8000-88d8e0d3c57d", "ts": "2026-11-22T09:28:40.178Z", "versions_seen": {"__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "__start__": 2, "branch:to:step0": 2}}', '{"step": 0, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a3ce-6e20-8001-7ed7d57ccb91', '1f1e6571-a3a7-6d20-8000-88d8e0d3c57d', NULL, '{"v": 4, "id": "1f1e6571-a3ce-6e20-8001-7ed7d57ccb91", "ts": "2026-11-22T09:28:40.194Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 3, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 3}}', '{"step": 1, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a409-67a0-8002-9d8fdefa976f', '1f1e6571-a3ce-6e20-8001-7ed7d57ccb91', NULL, '{"v": 4, "id": "1f1e6571-a409-67a0-8002-9d8fdefa976f", "ts": "2026-11-22T09:28:40.218Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 4, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 4}}', '{"step": 2, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a437-6dd0-8003-aa48e46ea9c6', '1f1e6571-a409-67a0-8002-9d8fdefa976f', NULL, '{"v": 4, "id": "1f1e6571-a437-6dd0-8003-aa48e46ea9c6", "ts": "2026-11-22T09:28:40.237Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "step2": {"branch:to:step2": 4}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 5, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 5, "branch:to:step3": 5}}', '{"step": 3, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a461-65e0-8004-83834f758232', '1f1e6571-a437-6dd0-8003-aa48e46ea9c6', NULL, '{"v": 4, "id": "1f1e6571-a461-65e0-8004-83834f758232", "ts": "2026-11-22T09:28:40.254Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "step2": {"branch:to:step2": 4}, "step3": {"branch:to:step3": 5}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 6, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 5, "branch:to:step3": 6, "branch:to:step4": 6}}', '{"step": 4, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a472-6750-8005-dbb7898e7167', '1f1e6571-a461-65e0-8004-83834f758232', NULL, '{"v": 4, "id": "1f1e6571-a472-6750-8005-dbb7898e7167", "ts": "2026-11-22T09:28:40.262Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "step2": {"branch:to:step2": 4}, "step3": {"branch:to:step3": 5}, "step4": {"branch:to:step4": 6}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 7, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 5, "branch:to:step3": 6, "branch:to:step4": 7, "branch:to:step5": 7}}', '{"step": 5, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a499-6850-8006-15c59737784a', '1f1e6571-a472-6750-8005-dbb7898e7167', NULL, '{"v": 4, "id": "1f1e6571-a499-6850-8006-15c59737784a", "ts": "2026-11-22T09:28:40.277Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "step2": {"branch:to:step2": 4}, "step3": {"branch:to:step3": 5}, "step4": {"branch:to:step4": 6}, "step5": {"branch:to:step5": 7}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 8, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 5, "branch:to:step3": 6, "branch:to:step4": 7, "branch:to:step5": 8, "branch:to:step6": 8}}', '{"step": 6, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a4cc-6ca0-8007-398351b9a588', '1f1e6571-a499-6850-8006-15c59737784a', NULL, '{"v": 4, "id": "1f1e6571-a4cc-6ca0-8007-398351b9a588", "ts": "2026-11-22T09:28:40.298Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "step2": {"branch:to:step2": 4}, "step3": {"branch:to:step3": 5}, "step4": {"branch:to:step4": 6}, "step5": {"branch:to:step5": 7}, "step6": {"branch:to:step6": 8}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 9, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 5, "branch:to:step3": 6, "branch:to:step4": 7, "branch:to:step5": 8, "branch:to:step6": 9, "branch:to:step7": 9}}', '{"step": 7, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a4ea-6160-8008-8e9b036f6a4a', '1f1e6571-a4cc-6ca0-8007-398351b9a588', NULL, '{"v": 4, "id": "1f1e6571-a4ea-6160-8008-8e9b036f6a4a", "ts": "2026-11-22T09:28:40.310Z", "versions_seen": {"step0": {"branch:to:step0": 2}, "step1": {"branch:to:step1": 3}, "step2": {"branch:to:step2": 4}, "step3": {"branch:to:step3": 5}, "step4": {"branch:to:step4": 6}, "step5": {"branch:to:step5": 7}, "step6": {"branch:to:step6": 8}, "step7": {"branch:to:step7": 9}, "__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "log": 10, "__start__": 2, "branch:to:step0": 3, "branch:to:step1": 4, "branch:to:step2": 5, "branch:to:step3": 6, "branch:to:step4": 7, "branch:to:step5": 8, "branch:to:step6": 9, "branch:to:step7": 10}}', '{"step": 8, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e0-6ab1-ffff-a73e6966691a', NULL, NULL, '{"v": 4, "id": "1f1e6571-a5e0-6ab1-ffff-a73e6966691a", "ts": "2026-11-22T09:28:40.411Z", "versions_seen": {"__input__": {}}, "channel_versions": {"__start__": 1}}', '{"step": -1, "source": "input", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', '1f1e6571-a5e0-6ab1-ffff-a73e6966691a', NULL, '{"v": 4, "id": "1f1e6571-a5e7-6fe0-8000-8058cf50d864", "ts": "2026-11-22T09:28:40.414Z", "versions_seen": {"__input__": {}, "__start__": {"__start__": 1}}, "channel_versions": {"ms": 2, "__start__": 2, "branch:to:first": 2}}', '{"step": 0, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoints ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a64c-6170-8001-d5c101ca7ec8', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', NULL, '{"v": 4, "id": "1f1e6571-a64c-6170-8001-d5c101ca7ec8", "ts": "2026-11-22T09:28:40.456Z", "versions_seen": {"first": {"branch:to:first": 2}, "__input__": {}, "__start__": {"__start__": 1}, "__interrupt__": {"ms": 2, "__start__": 2, "branch:to:first": 2}}, "channel_versions": {"ms": 2, "log": 3, "__start__": 2, "branch:to:first": 3, "branch:to:second": 3}}', '{"step": 1, "source": "loop", "parents": {}}');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '__start__', '1', 'json',  E'\\x7b226d73223a317d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '__start__', '2', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'ms', '2', 'json',  E'\\x31');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step0', '2', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step0', '3', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '3', 'json',  E'\\x5b227374657030225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step1', '3', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '4', 'json',  E'\\x5b227374657030222c227374657031225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step1', '4', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step2', '4', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '5', 'json',  E'\\x5b227374657030222c227374657031222c227374657032225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step2', '5', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step3', '5', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '6', 'json',  E'\\x5b227374657030222c227374657031222c227374657032222c227374657033225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step3', '6', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step4', '6', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '7', 'json',  E'\\x5b227374657030222c227374657031222c227374657032222c227374657033222c227374657034225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step4', '7', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step5', '7', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '8', 'json',  E'\\x5b227374657030222c227374657031222c227374657032222c227374657033222c227374657034222c227374657035225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step5', '8', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step6', '8', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '9', 'json',  E'\\x5b227374657030222c227374657031222c227374657032222c227374657033222c227374657034222c227374657035222c227374657036225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step6', '9', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step7', '9', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'log', '10', 'json',  E'\\x5b227374657030222c227374657031222c227374657032222c227374657033222c227374657034222c227374657035222c227374657036222c227374657037225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', 'branch:to:step7', '10', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '__start__', '1', 'json',  E'\\x7b226d73223a317d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '__start__', '2', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', 'ms', '2', 'json',  E'\\x31');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', 'branch:to:first', '2', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', 'branch:to:first', '3', 'empty', NULL);
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', 'log', '3', 'json',  E'\\x5b2266697273743a796573225d');
INSERT INTO langgraph.checkpoint_blobs ("thread_id", "checkpoint_ns", "channel", "version", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', 'branch:to:second', '3', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a315-6560-ffff-070575d50103', 'f015be54-6c78-5746-a227-a7d114fe3325', '0', 'ms', 'json',  E'\\x31');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a437-6dd0-8003-aa48e46ea9c6', 'da56e41d-1d96-5acb-bba5-8a8537604a96', '0', 'log', 'json',  E'\\x5b227374657033225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a472-6750-8005-dbb7898e7167', 'a9581895-b1e6-5fc8-9dd3-849591d88928', '0', 'log', 'json',  E'\\x5b227374657035225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a472-6750-8005-dbb7898e7167', 'a9581895-b1e6-5fc8-9dd3-849591d88928', '1', 'branch:to:step6', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a315-6560-ffff-070575d50103', 'f015be54-6c78-5746-a227-a7d114fe3325', '1', 'branch:to:step0', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a3a7-6d20-8000-88d8e0d3c57d', '34c3ab1a-735b-5bce-8bcd-c83a89a062c1', '0', 'log', 'json',  E'\\x5b227374657030225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a3a7-6d20-8000-88d8e0d3c57d', '34c3ab1a-735b-5bce-8bcd-c83a89a062c1', '1', 'branch:to:step1', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a437-6dd0-8003-aa48e46ea9c6', 'da56e41d-1d96-5acb-bba5-8a8537604a96', '1', 'branch:to:step4', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a461-65e0-8004-83834f758232', '149ce021-a5cf-541c-8b48-93fa3beb419e', '0', 'log', 'json',  E'\\x5b227374657034225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a499-6850-8006-15c59737784a', 'ee1dc25a-1082-57d1-bfec-b5dc7790e8bd', '0', 'log', 'json',  E'\\x5b227374657036225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a409-67a0-8002-9d8fdefa976f', '29e66a41-3578-5200-80b3-c73899a680d7', '0', 'log', 'json',  E'\\x5b227374657032225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a499-6850-8006-15c59737784a', 'ee1dc25a-1082-57d1-bfec-b5dc7790e8bd', '1', 'branch:to:step7', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a409-67a0-8002-9d8fdefa976f', '29e66a41-3578-5200-80b3-c73899a680d7', '1', 'branch:to:step3', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a461-65e0-8004-83834f758232', '149ce021-a5cf-541c-8b48-93fa3beb419e', '1', 'branch:to:step5', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a3ce-6e20-8001-7ed7d57ccb91', 'a4839ead-2520-529a-b832-bfcccbf9374e', '0', 'log', 'json',  E'\\x5b227374657031225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a3ce-6e20-8001-7ed7d57ccb91', 'a4839ead-2520-529a-b832-bfcccbf9374e', '1', 'branch:to:step2', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000001-0000-4000-8000-000000000000', '', '1f1e6571-a4cc-6ca0-8007-398351b9a588', 'c796173b-1f08-541f-91a3-0da8f8a12b08', '0', 'log', 'json',  E'\\x5b227374657037225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', 'd6b4b221-3aef-5038-8ff8-a7a1dcdecfe0', '-3', '__interrupt__', 'json',  E'\\x7b226964223a223537636432653736383432663232373739343930653532386332643931366339222c2276616c7565223a2266697273743f227d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e0-6ab1-ffff-a73e6966691a', '04d8d660-2a9c-57ea-aa55-927367e52c79', '0', 'ms', 'json',  E'\\x31');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e0-6ab1-ffff-a73e6966691a', '04d8d660-2a9c-57ea-aa55-927367e52c79', '1', 'branch:to:first', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', 'd6b4b221-3aef-5038-8ff8-a7a1dcdecfe0', '-4', '__resume__', 'json',  E'\\x5b22796573225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a64c-6170-8001-d5c101ca7ec8', '316e07db-2c68-5fc3-a28f-97d21102d67f', '-3', '__interrupt__', 'json',  E'\\x7b226964223a223363313735643430646138396632396533343461376432626134353863363338222c2276616c7565223a227365636f6e643f227d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', 'd6b4b221-3aef-5038-8ff8-a7a1dcdecfe0', '1', 'log', 'json',  E'\\x5b2266697273743a796573225d');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', 'd6b4b221-3aef-5038-8ff8-a7a1dcdecfe0', '2', 'branch:to:second', 'json',  E'\\x6e756c6c');
INSERT INTO langgraph.checkpoint_writes ("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "blob") VALUES ('00000002-0000-4000-8000-000000000000', '', '1f1e6571-a5e7-6fe0-8000-8058cf50d864', '00000000-0000-0000-0000-000000000000', '-4', '__resume__', 'json',  E'\\x2279657322');
INSERT INTO langgraph.store ("namespace_path", "key", "value", "created_at", "updated_at", "expires_at") VALUES ('users:ann', 'colour',  E'{"text": "a ''quoted'' \\\\ value", "favourite": "blue"}', '2026-11-22 09:28:39.98927+00', '2026-11-22 09:28:39.98927+00', NULL);
SELECT setval(pg_get_serial_sequence('public.worker', 'lock_key'), 1);