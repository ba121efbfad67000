-- Which processes that differ in their pid alone followed each other.
CREATE TABLE "process_slots" (
    "investigation_id" UUID NOT NULL,
    "base" TEXT NOT NULL,
    "slots" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "process_slots_pkey" PRIMARY KEY ("investigation_id","base")
);

ALTER TABLE "process_slots" ADD CONSTRAINT "process_slots_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
