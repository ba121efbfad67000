-- When the demo's story was complete; null while it is being told, and for everything that is no demo.
ALTER TABLE "investigation" ADD COLUMN "told_at" TIMESTAMPTZ(3);
-- Demos from before this column were told to their end.
UPDATE "investigation" SET "told_at" = "created_at" WHERE "demo";
