-- Prometheus servers that are asked again and again on behalf of a room.
CREATE TABLE "series_source" (
    "id" UUID NOT NULL,
    "investigation_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "step_seconds" INTEGER NOT NULL,
    "refresh_seconds" INTEGER NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "authorization" TEXT,
    "series" JSONB NOT NULL,
    "follows" BOOLEAN NOT NULL,
    "start_times" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'ok',
    "problem" TEXT,
    "last_error" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "reached_at" TIMESTAMPTZ(3),
    "last_at" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3),
    "lease" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "series_source_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "series_source_investigation_id_idx" ON "series_source"("investigation_id");

CREATE INDEX "series_source_next_at_idx" ON "series_source"("next_at");

ALTER TABLE "series_source" ADD CONSTRAINT "series_source_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
