-- Undecided readings that the room looks at again.
CREATE TABLE "reminder" (
    "id" UUID NOT NULL,
    "investigation_id" UUID NOT NULL,
    "series_id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "from_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "looks" INTEGER NOT NULL DEFAULT 0,
    "outcome" TEXT,
    "words" TEXT NOT NULL DEFAULT '',
    "looked_at" TIMESTAMPTZ(3),
    "leased_until" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reminder_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "reminder_series_id_key" ON "reminder"("series_id");

CREATE INDEX "reminder_investigation_id_idx" ON "reminder"("investigation_id");

CREATE INDEX "reminder_state_due_at_idx" ON "reminder"("state", "due_at");

ALTER TABLE "reminder" ADD CONSTRAINT "reminder_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "reminder" ADD CONSTRAINT "reminder_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "series"("id") ON DELETE CASCADE ON UPDATE CASCADE;
