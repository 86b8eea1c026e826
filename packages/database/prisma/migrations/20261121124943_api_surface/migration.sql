-- AlterTable
ALTER TABLE "run" ADD COLUMN     "cancel_reason" TEXT,
ADD COLUMN     "history" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "limits" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "retries" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "webhook" TEXT;

-- AlterTable
ALTER TABLE "thread" ADD COLUMN     "expires_at" TIMESTAMPTZ(6),
ADD COLUMN     "ttl_minutes" DOUBLE PRECISION,
ADD COLUMN     "ttl_strategy" TEXT;

-- CreateTable
CREATE TABLE "idempotency_key" (
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "resource_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "delivery_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "thread_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "payload" JSON NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_status" INTEGER,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("delivery_id")
);

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE INDEX "webhook_delivery_run_id_idx" ON "webhook_delivery"("run_id");

-- CreateIndex
CREATE INDEX "webhook_delivery_ended_at_idx" ON "webhook_delivery"("ended_at");

-- CreateIndex
CREATE INDEX "thread_state_updated_at_idx" ON "thread"("state_updated_at" DESC);

-- CreateIndex
CREATE INDEX "thread_values_idx" ON "thread" USING GIN ("values" jsonb_path_ops);

-- Beyond what the schema can say.

-- Runs that count against a limit: executed, or on their way through the queue.
CREATE INDEX "run_limited_on_its_way" ON "run" USING GIN ("limits")
  WHERE "limits" <> '{}'::jsonb AND ("status" = 'running' OR ("status" = 'pending' AND "dispatched_at" IS NOT NULL));
-- Limited runs that wait for their turn, by the order in which they get it.
CREATE INDEX "run_limited_waiting" ON "run" ("priority", "created_at")
  WHERE "limits" <> '{}'::jsonb AND "status" = 'pending' AND "dispatched_at" IS NULL;
-- The same by key: whose turn it is when a run with that key has ended.
CREATE INDEX "run_limited_waiting_by_key" ON "run" USING GIN ("limits")
  WHERE "limits" <> '{}'::jsonb AND "status" = 'pending' AND "dispatched_at" IS NULL;
-- Threads whose time to live is over.
CREATE INDEX "thread_expires_at" ON "thread" ("expires_at") WHERE "expires_at" IS NOT NULL AND "hidden_at" IS NULL;
-- Webhooks to deliver.
CREATE INDEX "webhook_delivery_due" ON "webhook_delivery" ("due_at") WHERE "status" = 'pending';
-- Threads that clients can see, to count them without reading their rows.
CREATE INDEX "thread_visible" ON "thread" ("thread_id") WHERE "hidden_at" IS NULL;
