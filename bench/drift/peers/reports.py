"""CPU seconds of the peers' drift reports over columns of float64 files; a line of JSON. Usage: reports.py FOLDER COLUMNS"""

import json
import sys
import time

import numpy as np
import pandas as pd

RUNS = 3


def table(folder, side, columns):
    return pd.DataFrame({f"c{i}": np.fromfile(f"{folder}/{side}-{i}.f64") for i in range(columns)})


def median_cpu(work):
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sorted(times)[RUNS // 2]


def evidently_report(reference, current):
    from evidently import Report
    from evidently.presets import DataDriftPreset

    return lambda: Report([DataDriftPreset()]).run(current, reference)


def nannyml_report(reference, current):
    import nannyml

    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(reference.columns),
        continuous_methods=["kolmogorov_smirnov", "jensen_shannon", "wasserstein", "hellinger"],
        chunk_size=len(reference),
    )
    return lambda: calculator.fit(reference).calculate(current)


def main(folder, columns):
    reference, current = table(folder, "reference", columns), table(folder, "current", columns)
    reports = {"Evidently DataDriftPreset": evidently_report, "NannyML univariate": nannyml_report}
    results = []
    for name, make in reports.items():
        try:
            work = make(reference, current)
        except ImportError as error:
            results.append({"name": name, "missing": str(error)})
            continue
        results.append({"name": name, "cpu": median_cpu(work)})
    print(json.dumps(results))


main(sys.argv[1], int(sys.argv[2]))
