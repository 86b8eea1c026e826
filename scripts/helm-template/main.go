// Renders a chart as `helm template` does, with what Helm itself is made of: Go's text/template, sprig and sigs.k8s.io/yaml.
// Built by scripts/helm-template.mjs out of Debian's packages, where Helm is not among them. Left out is what this chart does not use:
// subcharts, `lookup` of a cluster, `.Files`, values.schema.json (checked by the caller).
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type tree = map[string]interface{}

type output struct {
	Values    tree          `json:"values"`
	Documents []interface{} `json:"documents"`
	Notes     string        `json:"notes"`
}

// main takes a chart and files of values; the last wins. It prints what came of them as JSON.
func main() {
	result, err := render(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		panic(err)
	}
}

func render(chart string, files []string) (*output, error) {
	meta, err := readYaml(filepath.Join(chart, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	values := tree{}
	for _, file := range append([]string{filepath.Join(chart, "values.yaml")}, files...) {
		more, err := readYaml(file)
		if err != nil {
			return nil, err
		}
		values = merge(values, more)
	}
	set := template.New("chart").Option("missingkey=zero")
	set.Funcs(functions(set))
	names, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if _, err := set.New(path.Base(name)).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	result := &output{Values: values}
	for _, name := range names {
		base := path.Base(name)
		if strings.HasPrefix(base, "_") {
			continue
		}
		var text bytes.Buffer
		if err := set.ExecuteTemplate(&text, base, topLevel(meta, values, base)); err != nil {
			return nil, err
		}
		// What Helm does to `missingkey=zero`, which says this for a missing key of an untyped map.
		plain := strings.ReplaceAll(text.String(), "<no value>", "")
		if base == "NOTES.txt" {
			result.Notes = plain
			continue
		}
		for _, part := range regexp.MustCompile(`(?m)^---\s*$`).Split(plain, -1) {
			var document interface{}
			if err := yaml.UnmarshalStrict([]byte(part), &document); err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", base, err, part)
			}
			if document != nil {
				result.Documents = append(result.Documents, document)
			}
		}
	}
	return result, nil
}

func topLevel(meta, values tree, base string) tree {
	chart := tree{}
	for key, value := range meta {
		chart[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return tree{
		"Values":   values,
		"Chart":    chart,
		"Release":  tree{"Name": "release", "Namespace": "agents", "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1},
		"Template": tree{"Name": "longrun/templates/" + base, "BasePath": "longrun/templates"},
	}
}

func functions(set *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	all["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := set.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := set.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, data)
		return out.String(), err
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	all["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	return all
}

func readYaml(file string) (tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	content := tree{}
	if err := yaml.Unmarshal(text, &content); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return content, nil
}

// merge lays one tree over another: maps are merged, null removes, all else is replaced.
func merge(below, above tree) tree {
	merged := tree{}
	for key, value := range below {
		merged[key] = value
	}
	for key, value := range above {
		inner, isMap := value.(tree)
		under, wasMap := merged[key].(tree)
		switch {
		case value == nil:
			delete(merged, key)
		case isMap && wasMap:
			merged[key] = merge(under, inner)
		default:
			merged[key] = value
		}
	}
	return merged
}
