-- DropIndex
DROP INDEX "assistant_graph_id_idx";

-- DropIndex
DROP INDEX "assistant_created_at_idx";

-- DropIndex
DROP INDEX "assistant_updated_at_idx";

-- DropIndex
DROP INDEX "assistant_name_idx";

-- DropIndex
DROP INDEX "thread_status_idx";

-- DropIndex
DROP INDEX "thread_created_at_idx";

-- DropIndex
DROP INDEX "thread_updated_at_idx";

-- DropIndex
DROP INDEX "thread_state_updated_at_idx";

-- DropIndex
DROP INDEX "cron_assistant_id_idx";

-- DropIndex
DROP INDEX "cron_thread_id_idx";

-- DropIndex
DROP INDEX "cron_created_at_idx";

-- CreateIndex
CREATE INDEX "assistant_graph_id_assistant_id_idx" ON "assistant"("graph_id", "assistant_id");

-- CreateIndex
CREATE INDEX "assistant_name_assistant_id_idx" ON "assistant"("name", "assistant_id");

-- CreateIndex
CREATE INDEX "assistant_created_at_assistant_id_idx" ON "assistant"("created_at", "assistant_id");

-- CreateIndex
CREATE INDEX "assistant_updated_at_assistant_id_idx" ON "assistant"("updated_at", "assistant_id");

-- CreateIndex
CREATE INDEX "assistant_graph_id_name_assistant_id_idx" ON "assistant"("graph_id", "name", "assistant_id");

-- CreateIndex
CREATE INDEX "assistant_graph_id_created_at_assistant_id_idx" ON "assistant"("graph_id", "created_at", "assistant_id");

-- CreateIndex
CREATE INDEX "assistant_graph_id_updated_at_assistant_id_idx" ON "assistant"("graph_id", "updated_at", "assistant_id");

-- CreateIndex
CREATE INDEX "cron_assistant_id_cron_id_idx" ON "cron"("assistant_id", "cron_id");

-- CreateIndex
CREATE INDEX "cron_assistant_id_created_at_cron_id_idx" ON "cron"("assistant_id", "created_at", "cron_id");

-- CreateIndex
CREATE INDEX "cron_thread_id_created_at_cron_id_idx" ON "cron"("thread_id", "created_at", "cron_id");

-- CreateIndex
CREATE INDEX "cron_created_at_cron_id_idx" ON "cron"("created_at", "cron_id");

-- CreateIndex
CREATE INDEX "cron_updated_at_cron_id_idx" ON "cron"("updated_at", "cron_id");

-- CreateIndex
CREATE INDEX "cron_next_run_date_cron_id_idx" ON "cron"("next_run_date", "cron_id");

-- Beyond what the schema can say.

-- The orders of the search among threads. Hidden ones are left out: stateless runs leave many, and all of them new.
CREATE INDEX "thread_by_created" ON "thread" ("created_at", "thread_id") WHERE "hidden_at" IS NULL;
CREATE INDEX "thread_by_updated" ON "thread" ("updated_at", "thread_id") WHERE "hidden_at" IS NULL;
CREATE INDEX "thread_by_state_updated" ON "thread" ("state_updated_at", "thread_id") WHERE "hidden_at" IS NULL;
-- The same among those of one status; the first also for all of them by status.
CREATE INDEX "thread_by_status" ON "thread" ("status", "thread_id") WHERE "hidden_at" IS NULL;
CREATE INDEX "thread_by_status_created" ON "thread" ("status", "created_at", "thread_id") WHERE "hidden_at" IS NULL;
CREATE INDEX "thread_by_status_updated" ON "thread" ("status", "updated_at", "thread_id") WHERE "hidden_at" IS NULL;
CREATE INDEX "thread_by_status_state_updated" ON "thread" ("status", "state_updated_at", "thread_id") WHERE "hidden_at" IS NULL;
