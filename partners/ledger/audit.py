"""The invariants of the points bank, computed anew from the rows (domain/partners.md, "Ledger invariants").

The database keeps them by its triggers; this trusts none of them. Numbers are those of the facts; the ninth (coupons
issued ≤ stock) stands in ``REDEMPTION``, with what redemptions and the ledger must say alike.
"""

from django.db import connection

# Each statement gives the ids of what breaks the invariant.
CHECKS = {
    "1 debits = credits in each transfer": """
        SELECT transfer.id FROM partners_transfer AS transfer
        LEFT JOIN partners_entry AS entry ON entry.transfer_id = transfer.id
        GROUP BY transfer.id HAVING count(entry.id) < 2 OR sum(entry.amount) <> 0
            OR sum(entry.amount) FILTER (WHERE entry.amount > 0) <> transfer.amount""",
    "2 nothing below 0": """
        SELECT id FROM partners_account WHERE available < 0 OR held < 0 OR owed < 0
            OR (kind <> 'member' AND (available <> 0 OR held <> 0 OR owed <> 0))""",
    "3 balance = entries": """
        SELECT account.id FROM partners_account AS account
        LEFT JOIN partners_entry AS entry ON entry.account_id = account.id
        WHERE account.kind = 'member' GROUP BY account.id
        HAVING account.available <> coalesce(sum(entry.amount) FILTER (WHERE entry.part = 'available'), 0)
            OR account.held <> coalesce(sum(entry.amount) FILTER (WHERE entry.part = 'held'), 0)
            OR account.owed <> - coalesce(sum(entry.amount) FILTER (WHERE entry.part = 'owed'), 0)""",
    "3 available + held = open lots": """
        SELECT account.id FROM partners_account AS account LEFT JOIN partners_lot AS lot ON lot.account_id = account.id
        GROUP BY account.id HAVING account.available <> coalesce(sum(lot.remaining - lot.held), 0)
            OR account.held <> coalesce(sum(lot.held), 0)""",
    "3 set aside = open holds": """
        SELECT account.id FROM partners_account AS account
        LEFT JOIN partners_hold AS hold ON hold.account_id = account.id AND hold.stage = 'open'
        GROUP BY account.id HAVING account.held <> coalesce(sum(hold.amount), 0)""",
    "4 draws add up to the transfer": """
        SELECT transfer_id FROM (
            SELECT entry.transfer_id, entry.account_id, entry.part, entry.amount FROM partners_entry AS entry
                JOIN partners_account AS account ON account.id = entry.account_id AND account.kind = 'member'
                WHERE entry.part <> 'owed'
            UNION ALL
            SELECT draw.transfer_id, lot.account_id, draw.part, - draw.amount FROM partners_draw AS draw
                JOIN partners_lot AS lot ON lot.id = draw.lot_id
        ) AS both_sides GROUP BY transfer_id, account_id, part HAVING sum(amount) <> 0""",
    "4 lots within what was granted, and as drawn": """
        SELECT lot.id FROM partners_lot AS lot LEFT JOIN partners_draw AS draw ON draw.lot_id = lot.id
        GROUP BY lot.id HAVING lot.held < 0 OR lot.remaining < lot.held OR lot.remaining > lot.granted
            OR lot.remaining <> coalesce(sum(draw.amount), 0)
            OR lot.held <> coalesce(sum(draw.amount) FILTER (WHERE draw.part = 'held'), 0)""",
    "5 one effect a key": """
        SELECT min(id) FROM partners_transfer GROUP BY key HAVING count(*) > 1 OR bool_or(length(fingerprint) <> 64)""",
    "6 append-only": """
        SELECT wanted.name FROM (VALUES ('transfer_append_only'), ('entry_append_only'), ('draw_append_only'),
            ('transfer_no_truncate'), ('entry_no_truncate'), ('draw_no_truncate'), ('transfer_whole'), ('entry_book'),
            ('draw_book'), ('account_guard'), ('lot_guard'), ('earning_guard'), ('volunteer_hours_append_only'),
            ('monthly_closing_append_only'), ('account_closing_append_only'), ('transfer_month_open'),
            ('hold_guard'), ('adjustment_guard')) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = wanted.name AND tgenabled IN ('O', 'A'))""",
    "earned from evidence": """
        SELECT id FROM partners_transfer WHERE kind = 'earn' AND evidence_type = ''""",
    "earnings are as booked": """
        SELECT earning.id FROM partners_earning AS earning
        LEFT JOIN partners_transfer AS transfer ON transfer.id = earning.transfer_id
        LEFT JOIN partners_transfer AS back ON back.id = earning.reversal_id
        WHERE earning.points <> coalesce(transfer.amount, 0)
            OR (back.id IS NOT NULL AND back.reverses_id <> transfer.id)
            OR (transfer.id IS NOT NULL AND (transfer.evidence_type, transfer.evidence_id)
                IS DISTINCT FROM (earning.evidence_type, earning.evidence_id))""",
    "caps of the day": """
        SELECT max(earning.id) FROM partners_earning AS earning
        JOIN partners_earningrule AS rule ON rule.id = earning.rule_id WHERE earning.reversed_at IS NULL
        GROUP BY earning.partner_id, earning.kind_id, earning.day HAVING sum(earning.points) > max(rule.day_cap)""",
    # Each decision stayed within its own rule, with those before it that still stand (what was reversed frees a cap).
    "caps of the month": """
        SELECT id FROM (
            SELECT earning.id, earning.points, rule.month_cap, sum(earning.points) OVER (
                PARTITION BY earning.partner_id, earning.kind_id, date_trunc('month', earning.day)
                ORDER BY earning.id) AS until_then
            FROM partners_earning AS earning JOIN partners_earningrule AS rule ON rule.id = earning.rule_id
            WHERE earning.reversed_at IS NULL
        ) AS decided WHERE points > 0 AND until_then > month_cap""",
    "monthly closings = entries": """
        SELECT closing.id FROM partners_monthlyclosing AS closing, LATERAL (
            SELECT coalesce(sum(entry.amount) FILTER (
                WHERE account.kind = 'member' AND entry.part <> 'owed'), 0) AS kept,
                coalesce(- sum(entry.amount) FILTER (WHERE entry.part = 'owed'), 0) AS owed,
                coalesce(- sum(entry.amount) FILTER (WHERE account.kind = 'pool'), 0) AS issued,
                coalesce(sum(entry.amount) FILTER (
                    WHERE account.kind IN ('redeemed', 'merchant', 'settled')), 0) AS used,
                coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'expired'), 0) AS expired
            FROM partners_transfer AS transfer JOIN partners_entry AS entry ON entry.transfer_id = transfer.id
            JOIN partners_account AS account ON account.id = entry.account_id
            WHERE transfer.area_id = closing.area_id AND transfer.occurred_at < closing.until
        ) AS found
        WHERE (closing.outstanding, closing.owed, closing.issued, closing.redeemed, closing.expired)
            IS DISTINCT FROM (found.kept, found.owed, found.issued, found.used, found.expired)""",
    # What each account had when a month was over; also that none is missing.
    "closings of accounts = entries": """
        SELECT account_id FROM (
            SELECT entry.account_id, month.until,
                sum(sum(entry.amount)) OVER (PARTITION BY entry.account_id ORDER BY month.until) AS balance
            FROM partners_transfer AS transfer JOIN partners_entry AS entry ON entry.transfer_id = transfer.id
            JOIN partners_account AS account ON account.id = entry.account_id AND account.kind IN ('member', 'merchant')
            JOIN LATERAL (
                SELECT min(closing.until) AS until FROM partners_monthlyclosing AS closing
                WHERE closing.area_id = transfer.area_id AND closing.until > transfer.occurred_at
            ) AS month ON month.until IS NOT NULL
            GROUP BY entry.account_id, month.until
        ) AS found FULL JOIN partners_accountclosing AS closing USING (account_id, until)
        WHERE found.balance IS DISTINCT FROM closing.balance""",
    "entries are of the transfer's own accounts": """
        SELECT entry.transfer_id FROM partners_entry AS entry
        JOIN partners_transfer AS transfer ON transfer.id = entry.transfer_id
        JOIN partners_account AS account ON account.id = entry.account_id AND account.kind IN ('member', 'merchant')
        WHERE entry.account_id <> transfer.account_id
            AND entry.account_id IS DISTINCT FROM transfer.counterpart_id""",
    "7 at most one reversal": """
        SELECT reverses_id FROM partners_transfer WHERE reverses_id IS NOT NULL
        GROUP BY reverses_id HAVING count(*) > 1""",
    "8 issued - reversed = held by members + redeemed + expired - owed": """
        SELECT account.area_id FROM partners_account AS account
        LEFT JOIN partners_entry AS entry ON entry.account_id = account.id GROUP BY account.area_id
        HAVING - coalesce(sum(entry.amount) FILTER (WHERE account.kind = 'pool'), 0) <>
            (SELECT sum(available + held - owed) FROM partners_account AS own WHERE own.area_id = account.area_id)
            + coalesce(sum(entry.amount) FILTER (
                WHERE account.kind IN ('redeemed', 'merchant', 'settled', 'expired')), 0)""",
}
# Rewards, redemptions and codes against the stock book and the ledger (docs/decisions/0034-redemption.md).
REDEMPTION = {
    "9 coupons issued <= stock": """
        SELECT reward.id FROM partners_reward AS reward
        LEFT JOIN (SELECT reward_id, sum(amount) AS amount FROM partners_stockentry GROUP BY reward_id) AS book
            ON book.reward_id = reward.id
        LEFT JOIN (SELECT redemption.reward_id, count(*) AS number FROM partners_redemption AS redemption
            JOIN partners_coupon AS coupon ON coupon.redemption_id = redemption.id
            WHERE redemption.takes GROUP BY redemption.reward_id) AS issued ON issued.reward_id = reward.id
        WHERE reward.stocked <> coalesce(book.amount, 0) OR reward.taken <> coalesce(issued.number, 0)
            OR reward.taken > reward.stocked OR reward.taken < 0""",
    "9 each redemption has a piece, a code and its points": """
        SELECT redemption.id FROM partners_redemption AS redemption
        LEFT JOIN partners_coupon AS coupon ON coupon.redemption_id = redemption.id
        LEFT JOIN partners_hold AS hold ON hold.id = redemption.hold_id
        LEFT JOIN partners_transfer AS placed ON placed.id = hold.placed_id
        WHERE coupon.id IS NULL OR hold.amount <> redemption.cost OR hold.account_id <> redemption.account_id
            OR hold.counterpart_id IS DISTINCT FROM redemption.merchant_id
            OR placed.evidence_type <> 'partners.redemption' OR placed.evidence_id <> redemption.id
            OR (redemption.kind <> 'service' AND redemption.takes <> (redemption.state IN ('held', 'fulfilled'))
                AND redemption.state <> 'returned')""",
    "9 redemptions end as their points do": """
        SELECT redemption.id FROM partners_redemption AS redemption
        JOIN partners_hold AS hold ON hold.id = redemption.hold_id
        LEFT JOIN partners_transfer AS reversal ON reversal.reverses_id = hold.ended_id
        WHERE hold.stage <> CASE redemption.state WHEN 'held' THEN 'open' WHEN 'cancelled' THEN 'voided'
                WHEN 'timed_out' THEN 'timed_out' ELSE 'posted' END
            OR (redemption.state = 'returned') <> (reversal.id IS NOT NULL)
            OR redemption.reversal_id IS DISTINCT FROM reversal.id""",
    "9 points set aside for a redemption are one's": """
        SELECT hold.id FROM partners_hold AS hold JOIN partners_transfer AS placed ON placed.id = hold.placed_id
        LEFT JOIN partners_redemption AS redemption ON redemption.hold_id = hold.id
        WHERE placed.evidence_type = 'partners.redemption' AND redemption.id IS NULL""",
    "9 booked hours are a living redemption's": """
        SELECT booking.id FROM governance_booking AS booking
        LEFT JOIN partners_redemption AS redemption ON redemption.booking_id = booking.id
        WHERE booking.purpose_type = 'partners.redemption' AND booking.state = 'booked'
            AND (redemption.id IS NULL OR (redemption.state IN ('cancelled', 'timed_out')
                AND upper(booking.period) > redemption.ended_at))""",
    "9 stock is kept": """
        SELECT wanted.name FROM (VALUES ('stock_book'), ('redemption_stock'), ('reward_guard'), ('redemption_guard'),
            ('stock_append_only'), ('coupon_append_only'), ('redemption_whole'), ('redemption_hold_whole'),
            ('redemption_reversal_whole')) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = wanted.name AND tgenabled IN ('O', 'A'))""",
}
CHECKS |= REDEMPTION
NAMED = 5  # how many of the rows that break one are named


def invariants_broken() -> list[str]:
    """Return a line for each invariant that does not hold, with the first rows that break it; reads everything."""
    broken = []
    with connection.cursor() as cursor:
        for name, statement in CHECKS.items():
            cursor.execute(f"{statement} LIMIT {NAMED}")
            if found := [str(row[0]) for row in cursor.fetchall()]:
                broken.append(f"{name}: {', '.join(found)}")
    return broken
