{{- /* Durations, quantities and letters as Tessera has them. */}}

{{- /* The product of two integers. */}}
{{- define "tessera.product" }}
{{- $left := int64 (index . 0) }}{{ $right := int64 (index . 1) }}{{ $product := mul $left $right }}
{{- if ne $left 0 }}
{{- if or (ne (div $product $left) $right) (gt (mulf (float64 $left) (float64 $right) | toString | replace "-" "" | float64) 9.2e18) }}
{{- fail (printf "the product of %d and %d is too large" $left $right) }}
{{- end }}
{{- end }}
{{- $product }}
{{- end }}

{{- /* Capital letters A to Z as small ones, and the other way round. */}}
{{- define "tessera.lower" }}
{{- range splitList "" . }}{{ if regexMatch "^[A-Z]$" . }}{{ lower . }}{{ else }}{{ . }}{{ end }}{{ end }}
{{- end }}
{{- define "tessera.upper" }}
{{- range splitList "" . }}{{ if regexMatch "^[a-z]$" . }}{{ upper . }}{{ else }}{{ . }}{{ end }}{{ end }}
{{- end }}

{{- /* A duration in nanoseconds. */}}
{{- define "tessera.nanoseconds" }}
{{- $text := toString . }}
{{- if not (regexMatch "^[+-]?(0|([0-9]+([.][0-9]*)?|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h|d))(([0-9]+([.][0-9]*)?|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h|d))*$" $text) }}
{{- fail (printf "%q is not a Duration, such as 90s or 1h30m" $text) }}
{{- end }}
{{- $scales := dict "ns" 1 "us" 1000 "µs" 1000 "μs" 1000 "ms" 1000000 "s" 1000000000 "m" 60000000000 "h" 3600000000000 "d" 86400000000000 }}
{{- $total := int64 0 }}
{{- range regexFindAll "[0-9.]+[a-zµμ]+" $text -1 }}
{{- $unit := regexFind "[a-zµμ]+$" . }}
{{- $scale := index $scales $unit }}
{{- $parts := splitList "." (trimSuffix $unit .) }}
{{- $whole := regexReplaceAll "^0+" (index $parts 0) "" | default "0" }}
{{- $fraction := "" }}{{ if gt (len $parts) 1 }}{{ $fraction = index $parts 1 }}{{ end }}
{{- if or (gt (len $whole) 15) (gt (len $fraction) 9) (gt (mulf (float64 $whole) $scale) 9.0e18) }}
{{- fail (printf "the duration %q is too large or too fine for a Helm chart" $text) }}
{{- end }}
{{- $total = add $total (mul (int64 $whole) $scale) }}
{{- $step := $scale }}{{ $rest := int64 0 }}
{{- range splitList "" $fraction }}
{{- $rest = add (mul $rest 10) (int64 .) }}
{{- end }}
{{- $divisor := int64 1 }}
{{- range splitList "" $fraction }}{{ $divisor = mul $divisor 10 }}{{ end }}
{{- if gt $scale $divisor }}
{{- $total = add $total (mul $rest (div $scale $divisor)) }}
{{- else }}
{{- $total = add $total (div (mul $rest $scale) $divisor) }}
{{- end }}
{{- if or (lt $total 0) (gt $total 9000000000000000000) }}{{ fail (printf "the duration %q is too large for a Helm chart" $text) }}{{ end }}
{{- end }}
{{- if hasPrefix "-" $text }}{{ $total = sub 0 $total }}{{ end }}
{{- $total }}
{{- end }}

{{- /* A duration in canonical form. */}}
{{- define "tessera.duration" }}
{{- include "tessera.nanoseconds.text" (int64 (include "tessera.nanoseconds" .)) }}
{{- end }}
{{- define "tessera.nanoseconds.text" }}
{{- $total := int64 . }}
{{- if lt $total 0 }}-{{ $total = sub 0 $total }}{{ end }}
{{- $seconds := div $total 1000000000 }}{{ $nanos := mod $total 1000000000 }}
{{- if and (eq $seconds 0) (eq $nanos 0) }}0s
{{- else if eq $seconds 0 }}
{{- if lt $nanos 1000 }}{{ $nanos }}ns
{{- else if lt $nanos 1000000 }}{{ div $nanos 1000 }}{{ include "tessera.fraction" (printf "%03d" (mod $nanos 1000)) }}us
{{- else }}{{ div $nanos 1000000 }}{{ include "tessera.fraction" (printf "%06d" (mod $nanos 1000000)) }}ms
{{- end }}
{{- else }}
{{- with div $seconds 3600 }}{{ . }}h{{ end }}
{{- with mod (div $seconds 60) 60 }}{{ . }}m{{ end }}
{{- if or (ne $nanos 0) (ne (mod $seconds 60) 0) }}{{ mod $seconds 60 }}{{ include "tessera.fraction" (printf "%09d" $nanos) }}s{{ end }}
{{- end }}
{{- end }}
{{- define "tessera.fraction" }}
{{- with regexReplaceAll "0+$" . "" }}.{{ . }}{{ end }}
{{- end }}

{{- /* A quantity in canonical form. */}}
{{- define "tessera.quantity" }}
{{- $text := toString . }}
{{- if or (kindIs "float64" .) (kindIs "int64" .) (kindIs "int" .) }}
{{- if eq (float64 .) (floor .) }}{{ $text = toString (int64 .) }}{{ end }}
{{- end }}
{{- if not (regexMatch "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2})?$" $text) }}
{{- fail (printf "%q is not a Quantity, such as 500m or 256Mi" $text) }}
{{- end }}
{{- $number := regexFind "[0-9.]+" $text }}
{{- $suffix := regexFind "(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+|[numkMGTPE])$" $text }}
{{- $parts := splitList "." $number }}
{{- $fraction := "" }}{{ if gt (len $parts) 1 }}{{ $fraction = regexReplaceAll "0+$" (index $parts 1) "" }}{{ end }}
{{- $digits := regexReplaceAll "^0+" (printf "%s%s" (index $parts 0) $fraction) "" | default "0" }}
{{- if gt (len $digits) 15 }}{{ fail (printf "the quantity %q has too many digits for a Helm chart" $text) }}{{ end }}
{{- $value := int64 $digits }}
{{- $places := len $fraction }}
{{- $binary := dict "Ki" 1 "Mi" 2 "Gi" 3 "Ti" 4 "Pi" 5 "Ei" 6 }}
{{- $exponent := 0 }}{{ $scientific := false }}{{ $done := false }}
{{- if eq $value 0 }}0{{ $done = true }}
{{- else }}
{{- if hasPrefix "-" $text }}-{{ end }}
{{- if hasKey $binary $suffix }}
{{- $power := index $binary $suffix }}
{{- /* The fraction goes away, as far as it can. */}}
{{- range until 64 }}
{{- if gt $places 0 }}
{{- if eq (mod $value 10) 0 }}{{ $value = div $value 10 }}{{ $places = sub $places 1 }}
{{- else if gt $power 0 }}
{{- if gt $value 9000000000000000 }}{{ fail (printf "the quantity %q has too many digits for a Helm chart" $text) }}{{ end }}
{{- $value = mul $value 1024 }}{{ $power = sub $power 1 }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $places 0 }}
{{- range until 8 }}
{{- if and (eq (mod $value 1024) 0) (lt $power 6) }}{{ $value = div $value 1024 }}{{ $power = add $power 1 }}{{ end }}
{{- end }}
{{- if and (eq (int $power) 6) (ge $value 8) }}{{ fail (printf "the quantity %q is too large for a Helm chart" $text) }}{{ end }}
{{- if or (gt $power 0) (ge $value 1024) }}
{{- $value }}{{ index (list "" "Ki" "Mi" "Gi" "Ti" "Pi" "Ei") $power }}{{ $done = true }}
{{- end }}
{{- end }}
{{- else if regexMatch "^[eE].*[0-9]$" $suffix }}
{{- $scientific = true }}
{{- $power := regexReplaceAll "^0+" (regexReplaceAll "^[eE][+-]?" $suffix "") "" | default "0" }}
{{- $exponent = int64 $power }}{{ if contains "-" $suffix }}{{ $exponent = sub 0 $exponent }}{{ end }}
{{- else }}
{{- $exponent = index (dict "n" -9 "u" -6 "m" -3 "" 0 "k" 3 "M" 6 "G" 9 "T" 12 "P" 15 "E" 18) $suffix }}
{{- end }}
{{- end }}
{{- if not $done }}
{{- $exponent = sub $exponent $places }}
{{- range until 16 }}
{{- if eq (mod $value 10) 0 }}{{ $value = div $value 10 }}{{ $exponent = add $exponent 1 }}{{ end }}
{{- end }}
{{- range until 3 }}
{{- if ne (mod $exponent 3) 0 }}{{ $value = mul $value 10 }}{{ $exponent = sub $exponent 1 }}{{ end }}
{{- end }}
{{- if lt $exponent -9 }}{{ fail (printf "the quantity %q is too fine for a Helm chart" $text) }}{{ end }}
{{- if gt $exponent 27 }}{{ fail (printf "the quantity %q is too large for a Helm chart" $text) }}{{ end }}
{{- if $scientific }}
{{- $value }}{{ if ne $exponent 0 }}e{{ $exponent }}{{ end }}
{{- else }}
{{- range until 3 }}
{{- if gt $exponent 18 }}{{ $value = mul $value 1000 }}{{ $exponent = sub $exponent 3 }}{{ end }}
{{- end }}
{{- $value }}{{ index (dict "-9" "n" "-6" "u" "-3" "m" "0" "" "3" "k" "6" "M" "9" "G" "12" "T" "15" "P" "18" "E") (toString $exponent) }}
{{- end }}
{{- end }}
{{- end }}
