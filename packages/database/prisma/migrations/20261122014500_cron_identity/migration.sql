-- AlterTable
ALTER TABLE "cron" ADD COLUMN     "identity" JSONB;
