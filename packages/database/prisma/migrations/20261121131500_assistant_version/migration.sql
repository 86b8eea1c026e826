-- AlterTable
ALTER TABLE "assistant" ADD COLUMN     "defaults" JSONB,
ADD COLUMN     "hidden_at" TIMESTAMPTZ(6),
ADD COLUMN     "last_version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "assistant_version" (
    "assistant_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "graph_id" TEXT NOT NULL,
    "config" JSONB NOT NULL DEFAULT '{}',
    "context" JSONB NOT NULL DEFAULT '{}',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "name" TEXT NOT NULL,
    "description" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "assistant_version_pkey" PRIMARY KEY ("assistant_id","version")
);

-- CreateIndex
CREATE INDEX "assistant_updated_at_idx" ON "assistant"("updated_at" DESC);

-- CreateIndex
CREATE INDEX "assistant_name_idx" ON "assistant"("name");

-- AddForeignKey
ALTER TABLE "assistant_version" ADD CONSTRAINT "assistant_version_assistant_id_fkey" FOREIGN KEY ("assistant_id") REFERENCES "assistant"("assistant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Assistants that were made before there were versions get the one they are.
INSERT INTO "assistant_version" ("assistant_id", "version", "graph_id", "config", "context", "metadata", "name", "description", "created_at")
SELECT "assistant_id", "version", "graph_id", "config", "context", "metadata", "name", "description", "updated_at" FROM "assistant";

UPDATE "assistant" SET "last_version" = "version";
