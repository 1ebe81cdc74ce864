#!/usr/bin/env python3
"""Regularised evolution as a bare Python loop, the yardstick of archscope-bench-search: no framework, no checks, no store.

    bare_loop.py POPULATION SAMPLE DECISIONS VALUES [TRIALS]

Real et al. 2019, algorithm 1, on a chain of DECISIONS decisions of VALUES values each, scored by their mean. Prints the trials
per second.
"""
import random
import sys
import time
from operator import itemgetter


def search(population_size, sample_size, decisions, values, trials):
    population = []  # the oldest in front; for populations of this size quicker to draw from than a deque
    for _ in range(population_size):
        genotype = [random.randrange(values) for _ in range(decisions)]
        population.append((sum(genotype), genotype))
    for _ in range(trials - population_size):
        best = max(random.choices(population, k=sample_size), key=itemgetter(0))
        child = list(best[1])
        place = random.randrange(decisions)
        other = random.randrange(values - 1)
        child[place] = other + (other >= child[place])
        population.append((sum(child), child))
        population.pop(0)
    return max(population, key=itemgetter(0))[0]


def main():
    population, sample, decisions, values = (int(text) for text in sys.argv[1:5])
    trials = int(sys.argv[5]) if len(sys.argv) > 5 else 200_000
    random.seed(1)
    begin = time.perf_counter()
    search(population, sample, decisions, values, trials)
    print(trials / (time.perf_counter() - begin))


if __name__ == "__main__":
    main()
