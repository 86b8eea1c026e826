-- AlterTable
ALTER TABLE "run" ADD COLUMN     "traceparent" TEXT;

-- AlterTable
ALTER TABLE "webhook_delivery" ADD COLUMN     "traceparent" TEXT;
