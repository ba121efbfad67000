-- The team's ledger, and the queries that a room keeps.
CREATE TABLE "ledger_entry" (
    "id" UUID NOT NULL,
    "team_id" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "fingerprint_hash" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "bound" BIGINT,
    "investigation_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "saved_query" (
    "id" UUID NOT NULL,
    "investigation_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "sql" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "saved_query_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "ledger_entry_team_id_removed_at_idx" ON "ledger_entry"("team_id", "removed_at");

-- One living entry per team, fingerprint and author: people may disagree with each other, not with themselves.
CREATE UNIQUE INDEX "ledger_entry_living_key" ON "ledger_entry"("team_id", "fingerprint_hash", "created_by") WHERE "removed_at" IS NULL;

CREATE INDEX "saved_query_investigation_id_idx" ON "saved_query"("investigation_id");

ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "saved_query" ADD CONSTRAINT "saved_query_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
