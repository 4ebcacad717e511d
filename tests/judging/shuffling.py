"""An engine that sends what belongs together."""

from __future__ import annotations

from random import Random

from cleaner.engine.local import LocalEngine


class ShufflingEngine(LocalEngine):
    """Sends what belongs together through a shuffle that keeps no order."""

    def group(self, function, grouped):  # type: ignore[no-untyped-def]
        random = Random(7)
        sent = [(*piece[:2], bytes(piece[2])) for span in grouped.spans for piece in grouped.send(span)]
        random.shuffle(sent)
        for number, part in enumerate(grouped.parts):
            of_part = sorted(piece[1:] for piece in sent if piece[0] == number)
            random.shuffle(of_part)
            ranges = sorted({place for place, _ in of_part})
            own = (grouped.receive(data for at, data in of_part if at == place) for place in ranges)
            yield function(part, own)
