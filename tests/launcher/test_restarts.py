"""Back-off: short after a first death, longer from death to death, and an end to it."""

from launcher.restarts import Restarts


def test_the_pause_doubles_up_to_half_a_minute() -> None:
    # Programs that take long to fail are never given up: each minute sees fewer than five deaths.
    deaths, pauses, now = Restarts(), [], 0.0
    for _ in range(8):
        now += 20
        pauses.append(deaths.died(now, ran=20))
        now += pauses[-1] or 0
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_five_deaths_in_a_minute_are_the_end() -> None:
    deaths, now, pauses = Restarts(), 1000.0, []
    while (pause := deaths.died(now, ran=0.5)) is not None:
        pauses.append(pause)
        now += pause + 0.5
    assert pauses == [1, 2, 4, 8]


def test_one_that_ran_for_a_minute_is_back_soon() -> None:
    deaths = Restarts()
    assert [deaths.died(moment, ran=1) for moment in (0, 30, 65)] == [1, 2, 4]
    assert deaths.died(200, ran=100) == 1
    assert deaths.died(210, ran=5) == 2
