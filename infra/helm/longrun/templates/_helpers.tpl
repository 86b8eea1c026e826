{{- define "longrun.name" -}}
{{- if contains "longrun" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-longrun" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Takes a dict: root, and the part (api, worker, …). */}}
{{- define "longrun.selector" -}}
app.kubernetes.io/name: longrun
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "longrun.labels" -}}
{{ include "longrun.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "longrun.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "longrun.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "longrun.image" -}}
{{- $image := index .root.Values.images .part -}}
image: {{ printf "%s:%s" $image.repository ($image.tag | default .root.Chart.AppVersion) | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
{{- end }}

{{- define "longrun.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "longrun.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* The variables of a process: the given ones, then the settings of all and its own, of which the last wins. Takes root, part and given. */}}
{{- define "longrun.env" -}}
{{- $own := (index .root.Values .part).settings | default dict -}}
{{- range $name, $value := mergeOverwrite (deepCopy .given) (deepCopy .root.Values.settings) (deepCopy $own) }}
- name: {{ $name }}
  {{- /* Numbers of values are floating: from a million on they would be written 1e+06. */}}
  value: {{ if and (kindIs "float64" $value) (eq (floor $value) $value) }}{{ $value | int64 | quote }}{{ else }}{{ toString $value | quote }}{{ end }}
{{- end }}
{{- end }}

{{/* existingSecret; of what executes or loads graphs, theirs as well. Takes root and part. */}}
{{- define "longrun.envFrom" -}}
- secretRef: { name: {{ required "existingSecret: name the secret that holds DATABASE_URL and REDIS_URL" .root.Values.existingSecret | quote }} }
{{- if has .part (list "api" "worker") }}
{{- range .root.Values.graphSecrets }}
- secretRef: { name: {{ . | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{/* A process that starts gets a minute; one that is alive and not ready is left alone. */}}
{{- define "longrun.probes" -}}
startupProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end }}

{{/* The file system of the image is read-only; the loader of TypeScript keeps what it has compiled in /tmp. Takes root and part. */}}
{{- define "longrun.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if and (has .part (list "api" "worker")) .root.Values.graphs.existingClaim }}
- { name: graphs, mountPath: /graphs, readOnly: true }
{{- end }}
{{- end }}

{{- define "longrun.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if and (has .part (list "api" "worker")) .root.Values.graphs.existingClaim }}
- name: graphs
  persistentVolumeClaim: { claimName: {{ .root.Values.graphs.existingClaim | quote }}, readOnly: true }
{{- end }}
{{- end }}

{{/* What every pod has besides its containers. Takes root, part and seconds. */}}
{{- define "longrun.pod" -}}
{{- $values := index .root.Values .part -}}
serviceAccountName: {{ include "longrun.serviceAccount" .root }}
automountServiceAccountToken: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
terminationGracePeriodSeconds: {{ .seconds }}
securityContext: {{ include "longrun.podSecurity" .root | nindent 2 }}
{{- with $values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
affinity:
{{- if $values.affinity }}
{{ toYaml $values.affinity | indent 2 }}
{{- else }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{ include "longrun.selector" . | nindent 14 }}
{{- end }}
volumes: {{ include "longrun.volumes" . | nindent 2 }}
{{- end }}
