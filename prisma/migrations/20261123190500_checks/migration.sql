-- Predicates on hypotheses, evaluated by the server.
CREATE TABLE "hypothesis_check" (
    "id" UUID NOT NULL,
    "investigation_id" UUID NOT NULL,
    "hypothesis_id" UUID NOT NULL,
    "predicate" JSONB NOT NULL,
    "sentence" TEXT NOT NULL,
    "outcome" JSONB,
    "version" INTEGER NOT NULL DEFAULT 1,
    "evaluation" INTEGER NOT NULL DEFAULT 0,
    "stamp" TEXT NOT NULL DEFAULT '',
    "seen" TEXT NOT NULL DEFAULT '',
    "claimed_until" TIMESTAMPTZ(3),
    "not_before" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "hypothesis_check_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "hypothesis_check_investigation_id_idx" ON "hypothesis_check"("investigation_id");
CREATE INDEX "hypothesis_check_hypothesis_id_idx" ON "hypothesis_check"("hypothesis_id");

ALTER TABLE "hypothesis_check" ADD CONSTRAINT "hypothesis_check_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "hypothesis_check" ADD CONSTRAINT "hypothesis_check_hypothesis_id_fkey" FOREIGN KEY ("hypothesis_id") REFERENCES "hypothesis"("id") ON DELETE CASCADE ON UPDATE CASCADE;
