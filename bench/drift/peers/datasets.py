"""NannyML's bundled data sets: a line of JSON with the features' names, then lines of time (ms), score, label (0, 1) and features, missing ones empty.
Usage: datasets.py employment|loans"""

import json
import sys

import nannyml
import pandas as pd

YEAR = 365 * 86_400_000


def employment():
    reference, analysis, truth = nannyml.load_us_census_ma_employment_data()
    analysis = analysis.merge(truth, on="id")
    data = pd.concat([reference, analysis])
    names = [c for c in data.columns if c not in ("id", "employed", "year", "prediction", "predicted_probability")]
    # Only the year is known: people of one year are spread over it, in the order of the file.
    within = data.groupby("year").cumcount() / data.groupby("year")["id"].transform("size")
    times = ((data["year"] - 2015 + within) * YEAR).astype("int64")
    return data, names, times, "predicted_probability", "employed"


def loans():
    reference, analysis, truth = nannyml.load_synthetic_car_loan_dataset()
    analysis = analysis.merge(truth, on="id")
    data = pd.concat([reference, analysis])
    names = [c for c in data.columns if c not in ("id", "repaid", "timestamp", "y_pred_proba", "y_pred")]
    times = (pd.to_datetime(data["timestamp"]).astype("datetime64[ms]").astype("int64")).astype("int64")
    return data, names, times, "y_pred_proba", "repaid"


def column(values):
    if values.dtype == bool:
        return values.astype(float)
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().sum() == values.notna().sum():
        return numbers.astype(float)
    return pd.Series(pd.Categorical(values).codes, index=values.index).astype(float).where(values.notna())


def main(name):
    data, names, times, score, label = {"employment": employment, "loans": loans}[name]()
    data = data.reset_index(drop=True)
    times = times.reset_index(drop=True)
    columns = {n: column(data[n]) for n in names}
    categorical = [n for n in names if data[n].dtype.kind not in "fiu" or data[n].nunique() <= 20]
    print(json.dumps({"names": names, "categorical": categorical}))
    table = pd.DataFrame({"time": times, "score": data[score], "label": data[label].astype(int), **columns})
    table.to_csv(sys.stdout, header=False, index=False)


main(sys.argv[1])
