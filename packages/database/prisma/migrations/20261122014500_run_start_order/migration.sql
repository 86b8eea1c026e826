-- AlterTable
ALTER TABLE "run" ADD COLUMN     "start_order" BIGINT;

-- What has begun before stands in the order of its creation.
UPDATE "run" SET "start_order" = "thread_order" WHERE "started_at" IS NOT NULL;

-- Beyond what the schema can say.

-- Runs of a thread in the order in which they began; no place is given twice.
CREATE UNIQUE INDEX "run_start_order" ON "run" ("thread_id", "start_order") WHERE "start_order" IS NOT NULL;
