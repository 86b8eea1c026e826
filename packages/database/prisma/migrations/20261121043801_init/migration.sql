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


