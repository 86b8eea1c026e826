-- AlterTable
ALTER TABLE "api_key" ADD COLUMN     "rate_per_second" INTEGER,
ADD COLUMN     "run_quota" INTEGER;
