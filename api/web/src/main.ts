import { mount } from "svelte";

import Gate from "./Gate.svelte";
import "./styles.css";

const desk = document.getElementById("desk");
if (desk) mount(Gate, { target: desk });
