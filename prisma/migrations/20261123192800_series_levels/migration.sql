-- What graphs are drawn from, beside the samples. Chunks that are there already get theirs when they are first shown.
ALTER TABLE "series_chunk" ADD COLUMN "outline" BYTEA,
ADD COLUMN "fine" BYTEA;

-- They are deflated: PostgreSQL need not try to compress them again.
ALTER TABLE "series_chunk" ALTER COLUMN "payload" SET STORAGE EXTERNAL,
ALTER COLUMN "outline" SET STORAGE EXTERNAL,
ALTER COLUMN "fine" SET STORAGE EXTERNAL;
