"""Writes a Keras 3 model as version 1 of a model: python keras_export.py models/score"""

import sys

import keras

age = keras.Input((1,), name="age")
income = keras.Input((1,), name="income")
hidden = keras.layers.Dense(8, activation="relu")(keras.layers.Concatenate()([age, income]))
score = keras.layers.Dense(1, name="score")(hidden)
model = keras.Model({"age": age, "income": income}, {"score": score})

model.export(f"{sys.argv[1]}/1")
