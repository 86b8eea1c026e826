-- Logs that are marked as pruned and not yet deleted.
CREATE INDEX CONCURRENTLY "run_log_to_delete" ON "run" ("events_pruned_at") WHERE "events_pruned_at" IS NOT NULL AND NOT "events_deleted";
