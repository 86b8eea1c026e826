-- AlterTable
ALTER TABLE "run" ADD COLUMN     "events_deleted" BOOLEAN NOT NULL DEFAULT false;
