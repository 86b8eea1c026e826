-- CreateTable
CREATE TABLE "cron" (
    "cron_id" UUID NOT NULL,
    "assistant_id" UUID NOT NULL,
    "thread_id" UUID,
    "schedule" TEXT NOT NULL,
    "timezone" TEXT,
    "end_time" TIMESTAMPTZ(6),
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "on_run_completed" TEXT NOT NULL,
    "payload" JSON NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "next_run_date" TIMESTAMPTZ(6),
    "last_error" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cron_pkey" PRIMARY KEY ("cron_id")
);

-- CreateIndex
CREATE INDEX "cron_assistant_id_idx" ON "cron"("assistant_id");

-- CreateIndex
CREATE INDEX "cron_thread_id_idx" ON "cron"("thread_id");

-- CreateIndex
CREATE INDEX "cron_metadata_idx" ON "cron" USING GIN ("metadata" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "cron_created_at_idx" ON "cron"("created_at" DESC);

-- Beyond what the schema can say.

-- What is due, and when the next one is: answered from the index alone.
CREATE INDEX "cron_next_run_date" ON "cron" ("next_run_date") INCLUDE ("cron_id") WHERE "next_run_date" IS NOT NULL;
